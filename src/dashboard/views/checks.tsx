/** What is missing, and what fixes it. */
export function ChecksCard() {
  return null;
}
