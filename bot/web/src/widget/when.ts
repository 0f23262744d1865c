// Times as a borrower reads them, in their own time zone.

import type { Entry } from "../core/timeline";
import type { Key, Language } from "../i18n";

const DAY = 24 * 3600_000;
const PAUSE = 15 * 60_000; // a time stands above a message that comes so long after the one before

/** Whether a time is due between two messages. */
export function pauseBetween(earlier: string | undefined, later: string): boolean {
  return earlier === undefined || Date.parse(later) - Date.parse(earlier) > PAUSE;
}

export function timeOf(at: string, language: Language, t: (key: Key) => string, now = new Date()): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hour12: false }).format(then);
  const days = Math.round((midnight(now) - midnight(then)) / DAY);
  if (days === 0) return `${t("today")} ${clock}`;
  if (days === 1) return `${t("yesterday")} ${clock}`;
  const day: Intl.DateTimeFormatOptions = { month: "long", day: "numeric" };
  if (then.getFullYear() !== now.getFullYear()) day.year = "numeric";
  return `${new Intl.DateTimeFormat(language, day).format(then)} ${clock}`;
}

function midnight(day: Date): number {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
}

/** Whether a colleague was the last to speak to the borrower: then the page says so, not that an assistant answers. */
export function withPerson(entries: readonly Entry[]): boolean {
  const spoken = entries.filter(({ message }) => message.from === "bot" || message.from === "agent");
  return spoken[spoken.length - 1]?.message.from === "agent";
}
