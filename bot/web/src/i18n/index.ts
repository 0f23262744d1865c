// The widget's words: one catalogue a language, the same keys in each (test/parts.test.ts). No sentence stands in a
// component. To add a language: a catalogue here, a line in languages.ts and launcher.json, and its server language.

import en from "./en.json";
import type { Language } from "./languages";
import cn from "./zh-CN.json";
import tw from "./zh-TW.json";

export { choose, LANGUAGE_KEY, LANGUAGES, type Language, matching, serverLanguage } from "./languages";
export type Key = keyof typeof cn;

export const CATALOGUES: Record<Language, Record<Key, string>> = { "zh-CN": cn, "zh-TW": tw, en };

export function translate(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
