import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../context";
import { clock } from "../format";
import { english, t } from "../words";
import { Colleagues } from "./Adding";
import type { BoardPage, Catalogue, Row } from "./types";

const ENTERED = ["phone", "branch", "letter", "email", "sms", "wechat"];
const AGAIN = 15_000; // milliseconds between looks
const OPEN = ["received", "acknowledged", "triaged", "investigating", "awaiting_customer", "awaiting_external", "proposed", "decided", "notified", "accepted", "disputed", "review"];

/** Open complaints, the next deadline first. j and k move, Enter opens, / searches. */
export function Board({ catalogue, open }: { catalogue: Catalogue; open: (ref: string) => void }) {
  const desk = useDesk();
  const [found, setFound] = useState<BoardPage | null>(null);
  const [failed, setFailed] = useState(false);
  const [filter, setFilter] = useState<Record<string, string>>({});
  const [page, setPage] = useState(1);
  const [at, setAt] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  const query = new URLSearchParams({ ...filter, page: String(page) }).toString();
  const look = async () => {
    try {
      setFound(await desk.api.get<BoardPage>(`/desk/api/complaints?${query}`));
      setFailed(false);
    } catch {
      setFailed(true);
    }
  };
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), AGAIN);
    return () => clearInterval(timer);
  }, [query]);
  const rows = found?.complaints ?? [];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
      if (typing && event.key !== "Escape") return;
      if (event.key === "j") setAt((now) => Math.min(now + 1, rows.length - 1));
      else if (event.key === "k") setAt((now) => Math.max(now - 1, 0));
      else if (event.key === "Enter" && rows[at] && !(event.target instanceof HTMLButtonElement)) open(rows[at].ref);
      else if (event.key === "/") search.current?.focus();
      else if (event.key === "Escape") search.current?.blur();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [rows, at]);
  const set = (name: string, value: string) => {
    const next = { ...filter };
    if (value) next[name] = value;
    else delete next[name];
    setFilter(next);
    setPage(1);
    setAt(0);
  };
  const enter = async (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const accused = fields.getAll("accused");
    fields.delete("accused");
    const body = { ...Object.fromEntries([...fields].filter(([, value]) => value)), ...(accused.length ? { accused } : {}) };
    const made = await desk.try(() => desk.api.post<{ ref: string }>("/desk/api/complaints", body));
    if (made) open(made.ref);
  };
  return (
    <>
      {desk.me.value?.role !== "compliance" && (
        <details class="enter">
          <summary>{t("complaints.enter")}</summary>
          <form class="stack" onSubmit={(event) => { event.preventDefault(); void enter(event.currentTarget); }}>
            <label>{t("complaints.words")}<textarea name="words" rows={4} required minLength={2} /></label>
            <label>{t("complaints.enter.way")}
              <select name="channel">
                {ENTERED.filter((one) => catalogue.channels.includes(one)).map((one) => <option key={one} value={one}>{t(`cway.${one}`)}</option>)}
              </select>
            </label>
            <label>{t("complaints.enter.customer")}<input name="customer_id" /></label>
            <label>{t("complaints.enter.name")}<input name="name" /></label>
            <label>{t("complaints.enter.phone")}<input name="phone" inputMode="tel" /></label>
            <Colleagues catalogue={catalogue} chosen={[]} />
            <button type="submit" class="primary">{t("complaints.enter")}</button>
          </form>
        </details>
      )}
      <section class="filters">
        <Pick name="state" value={filter["state"] ?? ""} options={["", ...OPEN, "closed", "withdrawn", "merged", "all"]} word={(one) => (one ? `${t(`cstate.${one}`)}${count(found?.counts.state[one])}` : t("complaints.open"))} set={set} />
        <Pick name="level" value={filter["level"] ?? ""} options={["", ...catalogue.urgency]} word={(one) => (one ? `${one}${count(found?.counts.level[one])}` : t("complaints.levels"))} set={set} />
        <Pick name="l1" value={filter["l1"] ?? ""} options={["", ...Object.keys(catalogue.l1)]} word={(one) => (one ? name(catalogue, one) : t("complaints.subjects"))} set={set} />
        <Pick name="handler" value={filter["handler"] ?? ""} options={["", desk.me.value?.staff_id ?? ""]} word={(one) => t(one ? "complaints.mine" : "complaints.everyone")} set={set} />
        <Pick name="clock" value={filter["clock"] ?? ""} options={["", "late", "soon"]} word={(one) => (one ? `${t(`complaints.${one}`)}${count(one === "late" ? found?.counts.late : found?.counts.soon)}` : t("complaints.clocks"))} set={set} />
        <input ref={search} type="search" aria-label={t("complaints.search")} placeholder={t("complaints.search")} onChange={(event) => set("q", event.currentTarget.value.trim())} />
      </section>
      {failed && (
        <p class="notice warn" role="alert">
          {t("complaints.failed")} <button type="button" onClick={() => void look()}>{t("complaints.again")}</button>
        </p>
      )}
      {found && rows.length === 0 && <p class="empty big">{t("complaints.none")}</p>}
      {rows.length > 0 && (
        <section class="scroll">
          <table class="board">
            <thead>
              <tr>
                {["level", "clock", "number", "subject", "who", "state", "handler"].map((key) => (
                  <th key={key}>{t(`complaints.col.${key}`)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                <tr key={row.ref} class={`${index === at ? "at" : ""} ${row.late ? "late" : ""}`} onClick={() => setAt(index)}>
                  <td><b class={`level ${row.urgency}`}>{row.urgency}</b></td>
                  <td>{left(row)}</td>
                  <td>
                    <button type="button" class="plain link" onClick={() => open(row.ref)}>{row.ref}</button>
                    <small>{way(row.channel)}{row.contacts > 1 && ` · ${t("complaints.times", { n: row.contacts })}`}</small>
                  </td>
                  <td>{name(catalogue, row.l1, row.l2)}{row.flags.length > 0 && <small> {row.flags.map((one) => t(`cflag.${one}`)).join(" · ")}</small>}</td>
                  <td>{row.customer || t(`complaints.${row.complainant}`)}</td>
                  <td>{t(`cstate.${row.state}`)}</td>
                  <td>{row.handler_name ?? row.handler ?? t("complaints.nobody")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {found && found.pages > 1 && (
        <p class="acts">
          <button type="button" disabled={page <= 1} onClick={() => setPage(page - 1)}>{t("complaints.before")}</button>
          <span>{page} / {found.pages} · {found.total}</span>
          <button type="button" disabled={page >= found.pages} onClick={() => setPage(page + 1)}>{t("complaints.after")}</button>
        </p>
      )}
    </>
  );
}

function Pick({ name: of, value, options, word, set }: { name: string; value: string; options: string[]; word: (one: string) => string; set: (name: string, value: string) => void }) {
  return (
    <select aria-label={t(`complaints.by.${of}`)} value={value} onChange={(event) => set(of, event.currentTarget.value)}>
      {options.map((one) => (
        <option key={one} value={one}>{word(one)}</option>
      ))}
    </select>
  );
}

function count(number: number | undefined): string {
  return number ? ` (${number})` : "";
}

function way(channel: string): string {
  const word = t(`cway.${channel}`);
  return word === `cway.${channel}` ? channel : word;
}

export function name(catalogue: Catalogue, l1: string, l2?: string): string {
  const tongue = english.value ? "en" : "zh";
  const first = catalogue.l1[l1];
  const second = l2 ? first?.l2[l2.includes("/") ? (l2.split("/")[1] ?? l2) : l2] : undefined;
  return [first?.[tongue] ?? l1, second?.[tongue] ?? ""].filter(Boolean).join(" · ");
}

/** Time to the next deadline and which it is; late and paused said in words, not by colour alone. */
export function left(row: Row) {
  if (row.paused) return <span>{t("complaints.paused")}</span>;
  if (!row.next || !row.next_by) return <span>{t("complaints.no_clock")}</span>; // theirs to answer, or ended
  const hours = (new Date(row.next_by).getTime() - Date.now()) / 3_600_000;
  const size = Math.abs(hours) >= 48 ? t("complaints.days", { n: Math.floor(Math.abs(hours) / 24) }) : t("complaints.hours", { n: Math.floor(Math.abs(hours)) });
  return (
    <span title={clock(row.next_by)} class={row.late || hours < 0 ? "bad" : ""}>
      {t(hours < 0 ? "complaints.over" : "complaints.left", { what: t(`cnext.${row.next}`), size })}
      <meter min={0} max={100} low={50} high={80} optimum={0} value={Math.min(100, row.used)} aria-label={t("complaints.used", { n: Math.round(row.used) })} />
    </span>
  );
}
