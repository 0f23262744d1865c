// The desk's words in two languages: Chinese first, English by a switch.

import { signal } from "@preact/signals";
import complaints from "./complaints/complaints.json";
import learning from "./complaints/learning.json";
import words from "./words.json";

const catalogue = { ...words, ...complaints, ...learning };

export type Word = keyof typeof catalogue;
export const english = signal(localStorage.getItem("daihou-desk-language") === "en");

export function t(key: Word | string, values: Record<string, string | number> = {}): string {
  const pair = (catalogue as unknown as Record<string, string[]>)[key];
  const text = pair?.[english.value ? 1 : 0] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function switchLanguage(): void {
  english.value = !english.value;
  localStorage.setItem("daihou-desk-language", english.value ? "en" : "zh");
  document.documentElement.lang = english.value ? "en" : "zh-CN";
  document.title = t("title");
}
