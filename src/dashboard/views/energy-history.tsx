/** What each stage took over the last hour or day. */
export function EnergyHistoryCard() {
  return null;
}
