import type { Logger } from 'pino';
import { type KeywordFolder, type ModelPack, withFittingKeywords } from '../model/index.js';

/** The pack with the user's own keywords that fit it; what is wrong with the others is logged. */
export async function joinKeywords(
  pack: ModelPack,
  folder: KeywordFolder,
  logger?: Logger,
): Promise<ModelPack> {
  const { keywords, problems } = await folder.list();
  const joined = withFittingKeywords(pack, keywords);
  for (const problem of [...problems, ...joined.problems]) logger?.warn(problem);
  return joined.pack;
}
