import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { wait } from "../src/core/backoff";
import { CompositionGuard } from "../src/core/composition";
import { IndexedOutbox } from "../src/core/outbox";
import { Timeline } from "../src/core/timeline";
import launcher from "../src/i18n/launcher.json";
import { CATALOGUES, choose, translate } from "../src/i18n";
import { WORDS } from "../src/host/words";
import { pauseBetween, timeOf } from "../src/widget/when";
import { message } from "./fakes";

const ENTER = { key: "Enter", keyCode: 13, isComposing: false, shiftKey: false };

test("waits double, stay under the cap and are jittered within a half", () => {
  expect(wait(0, () => 0)).toBe(250);
  expect(wait(0, () => 1)).toBe(500);
  expect(wait(3, () => 1)).toBe(4000);
  expect(wait(50, () => 1)).toBe(20_000);
});

test("Enter inside a composition, with keyCode 229, or right after it does not send", () => {
  let now = 1000;
  const guard = new CompositionGuard(() => now);
  expect(guard.sends(ENTER)).toBe(true);
  guard.started();
  expect(guard.sends(ENTER)).toBe(false);
  guard.ended();
  now += 50;
  expect(guard.sends(ENTER)).toBe(false);
  now += 60;
  expect(guard.sends(ENTER)).toBe(true);
  expect(guard.sends({ ...ENTER, keyCode: 229 })).toBe(false);
  expect(guard.sends({ ...ENTER, isComposing: true })).toBe(false);
  expect(guard.sends({ ...ENTER, shiftKey: true })).toBe(false);
  expect(guard.sends({ ...ENTER, key: "a" })).toBe(false);
});

test("a composition that was left without an end does not block sending", () => {
  const guard = new CompositionGuard(() => 0);
  guard.started();
  guard.left();
  expect(guard.sends(ENTER)).toBe(true);
});

test("the outbox keeps order and content over a reload", async () => {
  const first = await IndexedOutbox.open("box", indexedDB);
  await first.put({ id: "z", text: "一", at: 1 });
  await first.put({ id: "a", text: "二", at: 2 });
  await first.put({ id: "m", text: "三", at: 3 });
  await first.remove("a");
  const second = await IndexedOutbox.open("box", indexedDB);
  expect((await second.all()).map((entry) => entry.text)).toEqual(["一", "三"]);
  await second.clear();
  expect(await second.all()).toEqual([]);
});

test("the timeline orders by seq, shows each message once and keeps unsent words at the end", () => {
  const timeline = new Timeline();
  timeline.add({ id: "x", text: "未发", at: 1 }, "waiting");
  [5, 2, 9, 2].forEach((seq) => timeline.receive(message(seq)));
  expect(timeline.entries().map((entry) => entry.message.text)).toEqual(["text 2", "text 5", "text 9", "未发"]);
  expect(timeline.cursor).toBe(9);
  timeline.acknowledge("x", 6);
  expect(timeline.entries().map((entry) => entry.message.text)).toEqual(["text 2", "text 5", "未发", "text 9"]);
  timeline.add({ id: "x", text: "未发", at: 1 }, "waiting");
  expect(timeline.entries()).toHaveLength(4);
});

test("every catalogue has every word, with the same places to fill", () => {
  const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const catalogues of [CATALOGUES, WORDS, launcher] as Record<string, Record<string, string>>[]) {
    const base = catalogues["zh-CN"]!;
    for (const [language, words] of Object.entries(catalogues)) {
      expect(Object.keys(words).sort(), language).toEqual(Object.keys(base).sort());
      for (const [key, text] of Object.entries(words)) {
        expect(text.trim(), `${language} ${key}`).not.toBe("");
        expect(places(text), `${language} ${key}`).toEqual(places(base[key]!));
      }
    }
  }
});

test("the language is the first wished one that we speak", () => {
  expect(choose(null, "zh-Hant-HK")).toBe("zh-TW");
  expect(choose("fr", "en-GB")).toBe("en");
  expect(choose("zh-SG")).toBe("zh-CN");
  expect(choose("fr", undefined)).toBe("zh-CN");
  expect(translate("zh-CN", "table.all", { n: 24 })).toBe("显示全部 24 行");
});

test("times read as today, yesterday or a date", () => {
  const t = (key: string) => translate("zh-CN", key as "today");
  const now = new Date(2026, 2, 10, 12, 0);
  expect(timeOf(new Date(2026, 2, 10, 9, 5).toISOString(), "zh-CN", t, now)).toBe("今天 09:05");
  expect(timeOf(new Date(2026, 2, 9, 23, 5).toISOString(), "zh-CN", t, now)).toBe("昨天 23:05");
  expect(timeOf(new Date(2025, 11, 1, 9, 5).toISOString(), "zh-CN", t, now)).toBe("2025年12月1日 09:05");
  expect(timeOf("rubbish", "zh-CN", t, now)).toBe("");
  expect(pauseBetween(undefined, "2026-03-01T08:00:00Z")).toBe(true);
  expect(pauseBetween("2026-03-01T08:00:00Z", "2026-03-01T08:10:00Z")).toBe(false);
});
