import type { FastifyPluginAsync } from 'fastify';
import { WakegateError } from '../../errors.js';
import type {
  Device,
  DeviceLevel,
  DoctorFinding,
  MicrophoneChoice,
  MicrophoneInUse,
} from '../../protocol/index.js';
import {
  DeviceLevelSchema,
  DeviceSchema,
  DoctorFindingSchema,
  MicrophoneChoiceSchema,
  MicrophoneInUseSchema,
} from '../../protocol/schemas/index.js';
import { Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const DevicesSchema = Type.Object({ devices: Type.Array(DeviceSchema) });
const FindingsSchema = Type.Object({ findings: Type.Array(DoctorFindingSchema) });

export const setupRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  const listing = shared(() => service.devices());
  const examining = shared(() => service.examine());
  let isRecording = false;

  app.get(
    '/v1/devices',
    { schema: { summary: 'The microphones there are', response: { 200: DevicesSchema } } },
    async (): Promise<{ devices: Device[] }> => ({ devices: await listing() }),
  );
  app.post(
    '/v1/devices/level',
    {
      schema: {
        summary: 'How loud a microphone is, the one in use or another',
        description:
          'Of the one in use the newest tenth of a second, at once; of another one half a second, which is recorded for it, ' +
          'one at a time, and not kept.',
        body: MicrophoneChoiceSchema,
        response: { 200: DeviceLevelSchema, ...errorAnswers(422, 429) },
      },
    },
    async ({ body }): Promise<DeviceLevel> => {
      if (isRecording) {
        throw new WakegateError('WG_BUSY', 'a microphone is being recorded for its level: try again later');
      }
      isRecording = true;
      try {
        return await service.deviceLevel(body as MicrophoneChoice);
      } finally {
        isRecording = false;
      }
    },
  );
  app.get(
    '/v1/input',
    { schema: { summary: 'Which microphone is listened to', response: { 200: MicrophoneInUseSchema } } },
    async (): Promise<MicrophoneInUse> => service.microphone(),
  );
  app.put(
    '/v1/input',
    {
      schema: {
        summary: 'Listens to another microphone, for good',
        description:
          'It is recorded until its first sound comes, three seconds at most, and only then takes over; where none comes, the one ' +
          'before stays. While it is muted nothing is recorded, so it is not tried before it is unmuted.',
        body: MicrophoneChoiceSchema,
        response: { 200: MicrophoneInUseSchema, ...errorAnswers(422, 429) },
      },
    },
    async ({ body }): Promise<MicrophoneInUse> => service.chooseMicrophone(body as MicrophoneChoice),
  );
  app.delete(
    '/v1/input',
    {
      schema: {
        summary: 'Goes back to the microphone of the settings',
        response: { 200: MicrophoneInUseSchema, ...errorAnswers(422, 429) },
      },
    },
    async (): Promise<MicrophoneInUse> => service.chooseMicrophone(null),
  );
  app.get(
    '/v1/doctor',
    {
      schema: {
        summary: 'Checks what the daemon needs, and says how to fix what is missing',
        description: 'It takes some seconds, and as much memory as a classifier that is awake.',
        response: { 200: FindingsSchema },
      },
    },
    async (): Promise<{ findings: DoctorFinding[] }> => ({ findings: await examining() }),
  );
};

/** Who asks while others have asked already gets what they get. */
function shared<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | null = null;
  return () => {
    running ??= work().finally(() => {
      running = null;
    });
    return running;
  };
}
