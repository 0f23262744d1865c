// The conversation as a live log that keeps to its end while the borrower is there, and says so when it does not.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Entry } from "../core/timeline";
import { useChat } from "./context";
import { EntryView } from "./Entry";
import { Icon } from "./Icon";
import { pauseBetween, timeOf, withPerson } from "./when";

const NEAR_END = 80; // pixels

export function Timeline() {
  const chat = useChat();
  const { t } = chat;
  const { entries, typing, loaded, link, seen } = chat.view.value;
  const greeting = chat.greeting.value;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [missed, setMissed] = useState(false);
  const last = entries[entries.length - 1];

  const toEnd = () => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(() => {
    if (atEnd.current || last?.message.from === "borrower") toEnd();
    else setMissed(true);
  }, [last?.key, last?.state, typing, entries.length]);
  const seeing = () => {
    if (atEnd.current && last && last.state === "sent") chat.see(lastSeq(entries));
  };
  useEffect(() => {
    seeing();
    document.addEventListener("visibilitychange", seeing);
    return () => document.removeEventListener("visibilitychange", seeing);
  }, [last?.key, last?.state, seen, missed]);
  useLayoutEffect(() => {
    // The software keyboard and the quick replies change the height: the last words stay in sight.
    const element = box.current;
    if (!element || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const scrolled = () => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    if (atEnd.current) setMissed(false);
    seeing();
  };
  return (
    <div class="talk">
      <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-label={t("log")} aria-live="polite" aria-busy={!loaded}>
        {!loaded && entries.length === 0 && link !== "waiting" && !greeting && <p class="loading">{t("loading")}</p>}
        <ol>
          {!loaded && entries.length === 0 && greeting && <Greeting words={greeting} />}
          {draw(entries, chat.language.value, t)}
        </ol>
        {typing && (
          <div class="typing" aria-hidden="true">
            <i />
            <i />
            <i />
          </div>
        )}
      </div>
      <p class="unseen" role="status">
        {typing ? t(withPerson(entries) ? "typing.agent" : "typing") : ""}
      </p>
      {missed && (
        <button type="button" class="latest" onClick={toEnd}>
          <Icon name="latest" />
          {t("latest")}
        </button>
      )}
    </div>
  );
}

/** The entries that came after the borrower last spoke: only their choices and quick replies can be taken. */
export function open(entries: readonly Entry[]): readonly Entry[] {
  let from = entries.length;
  while (from > 0 && entries[from - 1]?.message.from !== "borrower") from -= 1;
  return entries.slice(from);
}

/** What the page brought of the server's opening, in the place where that will stand. */
function Greeting({ words }: { words: string }) {
  const { t } = useChat();
  return (
    <li class="entry bot first">
      <span class="badge" aria-hidden="true">
        {t("ai.badge")}
      </span>
      <div class="said">
        <p class="bubble">
          <span class="unseen">{t("said.bot")}</span>
          {words}
        </p>
      </div>
    </li>
  );
}

/** The highest number that the server gave; what is still on its way has none. */
function lastSeq(entries: readonly Entry[]): number {
  return Math.max(0, ...entries.filter((entry) => entry.state === "sent").map((entry) => entry.message.seq));
}

type Translate = ReturnType<typeof useChat>["t"];

function draw(entries: readonly Entry[], language: Parameters<typeof timeOf>[1], t: Translate) {
  const active = new Set(open(entries));
  const lastSent = [...entries].reverse().find((entry) => entry.message.from === "borrower" && entry.state === "sent");
  return entries.map((entry, index) => {
    const before = entries[index - 1]?.message;
    const pause = pauseBetween(before?.at, entry.message.at);
    return (
      <EntryView
        key={entry.key}
        entry={entry}
        time={pause ? timeOf(entry.message.at, language, t) : ""}
        first={pause || before?.from !== entry.message.from}
        last={entry === lastSent}
        rates={endsAnswer(entry, entries[index + 1])}
        active={active.has(entry)}
      />
    );
  });
}

/** The last message of one answer of the assistant, which can be rated as a whole. */
function endsAnswer(entry: Entry, next: Entry | undefined): boolean {
  const { from, answer, hidden, seq } = entry.message;
  return from === "bot" && answer === true && !hidden && seq > 0 && next?.message.from !== "bot";
}
