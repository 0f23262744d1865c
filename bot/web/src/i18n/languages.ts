// Which languages there are, and which of them a tag means. Without the catalogues: the launcher carries this, too.

import type { ServerLanguage } from "../core/protocol";

export type Language = "zh-CN" | "zh-TW" | "en";

export const LANGUAGE_KEY = "daihou.language"; // the borrower's own choice, in the browser's store
export const LANGUAGES: { id: Language; name: string; short: string; server: ServerLanguage }[] = [
  { id: "zh-CN", name: "简体中文", short: "简", server: "zh-Hans" },
  { id: "zh-TW", name: "繁體中文", short: "繁", server: "zh-Hant" },
  { id: "en", name: "English", short: "EN", server: "en" },
];

/** The language for a tag; null when we have none. */
export function matching(tag: string | null | undefined): Language | null {
  if (!tag) return null;
  if (/^zh\b.*(tw|hk|mo|hant)/i.test(tag)) return "zh-TW";
  if (/^zh\b/i.test(tag)) return "zh-CN";
  return /^en\b/i.test(tag) ? "en" : null;
}

/** The first of the wished languages that we speak; a borrower of a Chinese lender otherwise reads Chinese. */
export function choose(...wished: (string | null | undefined)[]): Language {
  for (const tag of wished) {
    const found = matching(tag);
    if (found) return found;
  }
  return "zh-CN";
}

export function serverLanguage(language: Language): ServerLanguage {
  return LANGUAGES.find((one) => one.id === language)?.server ?? "zh-Hans";
}
