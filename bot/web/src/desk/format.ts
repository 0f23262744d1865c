// How amounts, moments and spans are written at the desk.

export function yuan(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.floor(Math.abs(cents) / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}¥${whole}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
}

export function clock(iso: string): string {
  const at = new Date(iso);
  const time = at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
  const day = at.toLocaleDateString("sv-SE", { timeZone: ZONE });
  return day === new Date().toLocaleDateString("sv-SE", { timeZone: ZONE }) ? time : `${day.slice(5)} ${time}`;
}

/** The last moment of a time limit: a day ends at 24:00, never at 00:00 of the next. `iso`: a moment, or a day that is all part of it. */
export function limit(iso: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return `${iso.slice(5)} 24:00`;
  const before = new Date(new Date(iso).getTime() - 1000);
  const time = new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
  return time === "00:00" ? `${before.toLocaleDateString("sv-SE", { timeZone: ZONE }).slice(5)} 24:00` : clock(iso);
}

/** 3:05, 1:02:05. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Yuan as typed, in cents; null when it is no amount. Never by floating point. */
export function cents(typed: string): number | null {
  const found = /^\s*¥?(\d{1,9})(?:\.(\d{1,2}))?\s*$/.exec(typed.replace(/,/g, ""));
  if (!found?.[1]) return null;
  return Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0") || 0);
}

const ZONE = "Asia/Shanghai";
