import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../widget/chat";
import { CardView } from "../widget/Cards";
import { ChatContext } from "../widget/context";
import { type Key, translate } from "../i18n";
import { Writer } from "./Writer";
import { useDesk } from "./context";
import { clock } from "./format";
import type { Note, Said } from "./types";
import { english, t } from "./words";

const NEAR_END = 120; // pixels
// The cards are the widget's own; at the desk nothing in them can be pressed.
const reader = { t: (key: Key, values = {}) => translate(english.value ? "en" : "zh-CN", key, values), address: (href: string) => href } as unknown as Chat;

export function Conversation() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const entries = talk ? [...talk.messages.map((said) => ({ at: said.seq, said })), ...talk.notes.map((note) => ({ at: note.seq + 0.5, note }))].sort((a, b) => a.at - b.at) : [];
  useLayoutEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [entries.length, desk.outgoing.value.length, talk?.conversation_id]);
  if (!talk) return <main class="talk none">{!desk.open.value && <p class="empty big">{t("talk.none")}</p>}</main>;
  return (
    <main class="talk" aria-label={t("talk")}>
      <Head />
      <div
        class="said"
        ref={box}
        role="log"
        tabIndex={0}
        aria-label={t("talk")}
        onScroll={(event) => {
          const one = event.currentTarget;
          atEnd.current = one.scrollHeight - one.scrollTop - one.clientHeight < NEAR_END;
        }}
      >
        <ChatContext.Provider value={reader}>
          {entries.map((one) => ("said" in one ? <Message key={`m${one.said.seq}`} said={one.said} /> : <NoteLine key={one.note.note_id} note={one.note} />))}
        </ChatContext.Provider>
        {desk.outgoing.value.map((one) => (
          <div key={one.id} class={`entry agent ${one.state}`}>
            <p class="bubble">{one.text}</p>
            <p class="meta" role="status">
              {t(one.state === "sending" ? "sending" : one.state === "stale" ? "send.stale" : "send.failed")}
              {one.state === "failed" && <button type="button" onClick={() => void desk.deliver(one)}>{t("send.retry")}</button>}
              {one.state !== "sending" && <button type="button" onClick={() => desk.reclaim(one)}>{t("guard.edit")}</button>}
            </p>
          </div>
        ))}
      </div>
      <Signs />
      <Writer />
    </main>
  );
}

function Head() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const role = desk.me.value?.role ?? "";
  if (!talk) return null;
  const agent = desk.inbox.value?.staff.find((one) => one.staff_id === talk.agent)?.name ?? talk.agent ?? "";
  const leads = role === "lead" || role === "supervisor";
  return (
    <header class="head">
      <button type="button" class="back" onClick={() => desk.select("")} aria-label={t("inbox")}>
        ‹
      </button>
      <h2>
        {talk.name ?? t("anonymous")} <small>{talk.handover?.ref}</small>
      </h2>
      <span class={`owner ${talk.owner}`}>{t(`owner.${talk.owner}`, { name: agent })}</span>
      <span class="grow" />
      {talk.owner !== "agent" && role !== "compliance" && talk.handover && (
        <button type="button" class="primary" onClick={() => void desk.takeOver(talk.conversation_id)}>{t("talk.take")}</button>
      )}
      {talk.owner === "agent" && !desk.mine && leads && (
        <button type="button" onClick={() => void desk.takeOver(talk.conversation_id)}>{t("talk.takeover")}</button>
      )}
      {desk.mine && !talk.customer_id && (
        <button type="button" onClick={() => void desk.try(() => desk.api.post(`${desk.at(talk.conversation_id)}/verify`))}>{t("talk.verify")}</button>
      )}
      {(desk.mine || (leads && talk.owner === "agent")) && (
        <button type="button" onClick={() => (desk.dialog.value = "transfer")}>
          {t("talk.transfer")} <kbd>t</kbd>
        </button>
      )}
      {desk.mine && (
        <button type="button" class="primary" onClick={() => (desk.dialog.value = "close")}>
          {t("talk.close")} <kbd>e</kbd>
        </button>
      )}
    </header>
  );
}

function Message({ said }: { said: Said }) {
  const desk = useDesk();
  const [marking, setMarking] = useState(false);
  const [done, setDone] = useState(false);
  const name = desk.inbox.value?.staff.find((one) => one.staff_id === said.by)?.name ?? said.by;
  const mark = async (better: string) => {
    const made = await desk.try(() => desk.api.post(`${desk.at(desk.open.value)}/corrections`, { seq: said.seq, better }));
    if (made) setDone(true);
    setMarking(false);
  };
  return (
    <div class={`entry ${said.from}`} id={`m${said.seq}`} tabIndex={-1}>
      {said.text && <p class="bubble">{said.text}</p>}
      {said.card && <CardView card={said.card} active={false} />}
      <p class="meta">
        {said.from === "agent" ? name : t(`from.${said.from}`)}
        {said.channel && said.from === "borrower" ? ` · ${said.channel}` : ""} · {clock(said.at)}
        {said.from === "bot" && !done && (
          <button type="button" onClick={() => setMarking(!marking)} aria-expanded={marking}>{t("wrong")}</button>
        )}
        {done && <span>{t("wrong.done")}</span>}
      </p>
      {marking && (
        <form
          class="marking"
          onSubmit={(event) => {
            event.preventDefault();
            void mark((event.currentTarget.elements.namedItem("better") as HTMLTextAreaElement).value);
          }}
        >
          <textarea name="better" rows={2} maxLength={1000} aria-label={t("wrong.better")} placeholder={t("wrong.better")} />
          <button type="submit">{t("wrong.send")}</button>
        </form>
      )}
    </div>
  );
}

function NoteLine({ note }: { note: Note }) {
  return (
    <div class={`entry note ${note.kind}`}>
      <p class="bubble">{note.text}</p>
      <p class="meta">
        {t(`note.kind.${note.kind}`)} · {note.by} · {clock(note.at)}
      </p>
    </div>
  );
}

function Signs() {
  const desk = useDesk();
  const signs = [...desk.signs.value.values()];
  return (
    <p class="signs" role="status">
      {signs.map((one) => t(one.typing ? "talk.typing" : "talk.viewing", { name: one.name })).join("　")}
    </p>
  );
}
