/** What a chart marks: alarms after the baseline. The periods that the limits were learned from cannot break them. */
export function outside(alarms: number[], baseline: number): number[] {
  return alarms.filter((at) => at >= baseline);
}
