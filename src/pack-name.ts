/** Whether a model is named as one of the packs that come with wakegate; anything else is the path of a folder. */
export function isPackName(model: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(model);
}
