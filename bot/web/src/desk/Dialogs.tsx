import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "./context";
import { t } from "./words";

const TOPICS = ["bill", "repay", "hardship", "early", "complaint", "account", "other"];
const OUTCOMES = ["resolved", "follow_up", "unresolved", "no_reply"];

export function Dialogs() {
  const desk = useDesk();
  const name = desk.dialog.value;
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (name && box.current && !box.current.open) box.current.showModal();
  }, [name]);
  if (!name) return null;
  return (
    <dialog ref={box} onClose={() => (desk.dialog.value = "")} aria-labelledby="dialog-title">
      {name === "close" && <CloseForm />}
      {name === "transfer" && <TransferForm />}
      {name === "canned" && <CannedList />}
      {name === "keys" && (
        <>
          <h2 id="dialog-title">{t("keys")}</h2>
          <p>{t("keys.list")}</p>
        </>
      )}
      <button type="button" class="plain" onClick={() => (desk.dialog.value = "")}>{t("cancel")}</button>
    </dialog>
  );
}

function CloseForm() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const [topic, setTopic] = useState("bill");
  const [outcome, setOutcome] = useState("resolved");
  if (!talk) return null;
  const close = async (form: HTMLFormElement) => {
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value;
    const body = { epoch: talk.epoch, topic: t(`topic.${topic}`), outcome, summary: field("summary"), follow_up: field("follow") || null };
    if (await desk.try(() => desk.api.post(`${desk.at(talk.conversation_id)}/close`, body))) {
      desk.dialog.value = "";
      desk.select("");
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void close(event.currentTarget);
      }}
    >
      <h2 id="dialog-title">{t("close.title")}</h2>
      <Chips label={t("close.topic")} of={TOPICS.map((one) => [one, t(`topic.${one}`)])} value={topic} set={setTopic} />
      <Chips label={t("close.outcome")} of={OUTCOMES.map((one) => [one, t(`outcome.${one}`)])} value={outcome} set={setOutcome} />
      <label>
        {t("close.summary")}
        <input name="summary" maxLength={500} />
      </label>
      <label>
        {t("close.follow")}
        <input name="follow" type="date" />
      </label>
      <button type="submit" class="primary">{t("close.go")}</button>
    </form>
  );
}

function Chips({ label, of, value, set }: { label: string; of: string[][]; value: string; set: (value: string) => void }) {
  return (
    <fieldset class="chips">
      <legend>{label}</legend>
      {of.map(([key, name]) => (
        <label key={key} class={value === key ? "on" : ""}>
          <input type="radio" name={label} value={key} checked={value === key} onChange={() => set(key ?? "")} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function TransferForm() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const others = (desk.inbox.value?.staff ?? []).filter((one) => one.staff_id !== desk.me.value?.staff_id);
  if (!talk) return null;
  const move = async (form: HTMLFormElement) => {
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value;
    const body = { to: field("to"), note: field("note"), epoch: talk.epoch };
    if (await desk.try(() => desk.api.post(`${desk.at(talk.conversation_id)}/transfer`, body))) {
      desk.dialog.value = "";
      desk.select("");
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void move(event.currentTarget);
      }}
    >
      <h2 id="dialog-title">{t("transfer.title")}</h2>
      <select name="to" aria-label={t("transfer.title")}>
        {(desk.me.value?.queues ?? []).map((one) => (
          <option key={one} value={`queue:${one}`}>
            {t(`queue.${one}`)}
          </option>
        ))}
        {others.map((one) => (
          <option key={one.staff_id} value={`staff:${one.staff_id}`}>
            {one.name}（{t(`status.${one.status}`)}）
          </option>
        ))}
      </select>
      <label>
        {t("transfer.note")}
        <textarea name="note" rows={3} required maxLength={2000} />
      </label>
      <button type="submit" class="primary">{t("transfer.go")}</button>
    </form>
  );
}

function CannedList() {
  const desk = useDesk();
  return (
    <>
      <h2 id="dialog-title">{t("canned")}</h2>
      <ul class="canned">
        {desk.canned.value.map((one) => (
          <li key={one.key}>
            <button
              type="button"
              onClick={() => {
                desk.write(desk.draft.value ? `${desk.draft.value}\n${one.text}` : one.text);
                desk.dialog.value = "";
                setTimeout(() => document.getElementById("write")?.focus());
              }}
            >
              <strong>{one.title}</strong>
              <span>{one.text}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
