// The widget's words: one catalogue a language, the same keys in each (test/i18n.test.ts). No sentence stands in a
// component. To add a language: a catalogue here, a line in LANGUAGES, and its server language.

import type { ServerLanguage } from "../core/protocol";
import en from "./en.json";
import cn from "./zh-CN.json";
import tw from "./zh-TW.json";

export type Key = keyof typeof cn;
export type Language = "zh-CN" | "zh-TW" | "en";

export const CATALOGUES: Record<Language, Record<Key, string>> = { "zh-CN": cn, "zh-TW": tw, en };
export const LANGUAGES: { id: Language; name: string; short: string; server: ServerLanguage }[] = [
  { id: "zh-CN", name: "简体中文", short: "简", server: "zh-Hans" },
  { id: "zh-TW", name: "繁體中文", short: "繁", server: "zh-Hant" },
  { id: "en", name: "English", short: "EN", server: "en" },
];

/** The catalogue for a language tag; null when we have none. */
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

export function translate(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function serverLanguage(language: Language): ServerLanguage {
  return LANGUAGES.find((one) => one.id === language)?.server ?? "zh-Hans";
}
