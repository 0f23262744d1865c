import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { clock, span } from "./format";
import type { Callback, Item } from "./types";
import { t } from "./words";

export function InboxList() {
  const desk = useDesk();
  const inbox = desk.inbox.value;
  if (!inbox) return <aside class="inbox" aria-label={t("inbox")} aria-busy="true" />;
  return (
    <aside class="inbox" aria-label={t("inbox")}>
      <button type="button" class="primary next" disabled={!inbox.waiting.length} onClick={() => void desk.takeNext()}>
        {t("inbox.next")} <kbd>n</kbd>
      </button>
      <Group name="mine" items={inbox.mine} always />
      <Group name="waiting" items={inbox.waiting} always />
      {inbox.callbacks.length > 0 && (
        <section>
          <h2>
            {t("inbox.callbacks")} <b>{inbox.callbacks.length}</b>
          </h2>
          <ul>{inbox.callbacks.map((one) => <CallbackRow key={one.callback_id} one={one} />)}</ul>
        </section>
      )}
      <Group name="messages" items={inbox.messages} />
      <Group name="others" items={inbox.others} />
      <Group name="closed" items={inbox.closed} />
    </aside>
  );
}

function Group({ name, items, always }: { name: string; items: Item[]; always?: boolean }) {
  if (!items.length && !always) return null;
  return (
    <section>
      <h2>
        {t(`inbox.${name}`)} <b>{items.length}</b>
      </h2>
      {items.length ? <ul>{items.map((one) => <Row key={one.ref} one={one} />)}</ul> : <p class="empty">{t("inbox.empty")}</p>}
    </section>
  );
}

function Row({ one }: { one: Item }) {
  const desk = useDesk();
  const open = desk.open.value === one.conversation_id;
  return (
    <li>
      <button type="button" class={`row p${one.priority}${one.owes ? " owes" : ""}`} aria-current={open ? "true" : undefined} onClick={() => desk.select(one.conversation_id)}>
        <span class="top">
          <strong>{one.name ?? t("anonymous")}</strong>
          <em>{t(`reason.${one.reason}`)}</em>
          <time>{one.status === "waiting" ? <Waited since={one.since} /> : clock(one.taken ?? one.since)}</time>
        </span>
        <small>
          {one.last ? `${t(`from.${one.last.from}`)}：${one.last.text}` : `${one.ref} · ${t(`queue.${one.queue}`)}`}
        </small>
      </button>
    </li>
  );
}

function Waited({ since }: { since: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{t("waited", { time: span((Date.now() - new Date(since).getTime()) / 1000) })}</>;
}

function CallbackRow({ one }: { one: Callback }) {
  const desk = useDesk();
  const done = (outcome: string) => void desk.try(() => desk.api.post(`/desk/api/callbacks/${one.callback_id}`, { outcome }));
  return (
    <li class="callback">
      <button type="button" class="row" onClick={() => desk.select(one.conversation_id)}>
        <span class="top">
          <strong>{one.name ?? t("anonymous")}</strong>
          <time>
            {clock(one.from)}–{clock(one.until)}
          </time>
        </span>
        <small>
          {one.ref} · {one.attempt}
        </small>
      </button>
      <span class="acts">
        <button type="button" onClick={() => done("reached")}>{t("callback.reached")}</button>
        <button type="button" onClick={() => done("no_answer")}>{t("callback.no_answer")}</button>
      </span>
    </li>
  );
}
