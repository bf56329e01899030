/** True for a day that exists, as `YYYY-MM-DD`. */
export function isCalendarDay(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // February 30 is read as March 2 by lenient parsers.
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
