/** What the service takes, and keeps for those who ask. */

/** Requests to /v1/detect at a time. */
export const MAX_DETECTIONS = 4;

/** Streams to /v1/listen at a time. */
export const MAX_STREAMS = 64;

/** Of the audio in a request to /v1/detect. */
export const MAX_AUDIO_BYTES = 256 * 1024 * 1024;
export const MAX_AUDIO_SECONDS = 600;

/** Of one message over a WebSocket: two seconds of audio. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** A subscriber or a stream that leaves more than this unread is dropped. */
export const MAX_UNREAD_BYTES = 1024 * 1024;

/** Events that are kept for subscribers who come back. */
export const KEPT_EVENTS = 256;
