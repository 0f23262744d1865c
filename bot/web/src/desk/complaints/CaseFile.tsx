import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Refused } from "../api";
import { useDesk } from "../context";
import { clock, limit, yuan } from "../format";
import { t } from "../words";
import { Accused, NewAction, NewDocument, NewEvidence, NewRemedy, type Change } from "./Adding";
import { left, name } from "./Board";
import { Letter } from "./Letter";
import { Verbs } from "./Verbs";
import type { Catalogue, File, Record_ } from "./types";

/** Everything about one complaint, and what this colleague may do with it now. */
export function CaseFile({ reference, catalogue, open }: { reference: string; catalogue: Catalogue; open: (ref: string) => void }) {
  const desk = useDesk();
  const [file, setFile] = useState<File | null>(null);
  const [told, setTold] = useState("");
  const base = `/desk/api/complaints/${reference}`;
  const load = async () => {
    const found = await desk.try(() => desk.api.get<File>(base));
    if (found) setFile(found);
  };
  useEffect(() => void load(), [reference]);
  /** One change; somebody else's in between is said and the file is shown anew, with nothing done. */
  const change: Change = async (path, body = {}) => {
    try {
      await desk.api.post(`${base}/${path}`, body);
      setTold(t("complaints.done"));
      await load();
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setTold(error.code === "changed" ? t("complaints.moved") : error.message);
      if (error.status === 409) await load();
      return false;
    }
  };
  if (!file) return <p class="empty" aria-busy="true" />;
  const one = file.case;
  const senior = ["lead", "supervisor"].includes(desk.me.value?.role ?? "");
  return (
    <>
      <header class="case-head">
        <button type="button" onClick={() => open("")}>← {t("complaints.board")}</button>
        <h2>
          <b class={`level ${one.urgency}`}>{one.urgency}</b> {one.ref} <small>{t(`cstate.${one.state}`)} · {name(catalogue, one.l1, one.l2)}</small>
        </h2>
        <span>{left(one)}</span>
      </header>
      {told && <p class="small" role="status">{told}</p>}
      <div class="case-body">
        <div>
          <section>
            <h3>{t("complaints.words")}</h3>
            <p class="said">{one.words}</p>
            <dl class="facts">
              <Fact of="demand" value={one.demand} />
              <Fact of="who" value={[one.customer || t(`complaints.${one.complainant}`), one.person?.name, one.person?.phone, one.person?.email].filter(Boolean).join(" · ")} />
              <Fact of="handler" value={one.handler_name ?? one.handler ?? t("complaints.nobody")} />
              <Fact of="received" value={clock(one.received_at)} />
              <Fact of="target" value={limit(one.target_by)} />
              <Fact of="legal" value={limit(one.legal_by)} />
              <Fact of="told" value={limit(one.told_by)} />
              <Fact of="contacted" value={one.contacted_at ? clock(one.contacted_at) : t("complaints.not_yet")} />
            </dl>
            {one.merged_into && <p>{t("complaints.merged_into")} <button type="button" class="plain link" onClick={() => open(one.merged_into ?? "")}>{one.merged_into}</button></p>}
          </section>
          <Verbs file={file} catalogue={catalogue} change={change} />
          <section>
            <h3>{t("complaints.remedies")}</h3>
            <ul class="records">
              {file.remedies.map((each) => (
                <li key={each.remedy_id}>
                  {t(`remedy.${each.kind}`)} {each.cents ? yuan(each.cents) : ""} · {each.words} · <b>{t(`remedystate.${each.status}`)}</b>
                  {["proposed", "second_needed"].includes(each.status) && (
                    <span class="acts">
                      <button type="button" onClick={() => void change(`remedies/${each.remedy_id}/approve`)}>{t("complaints.approve")}</button>
                      <Asked label={t("complaints.refuse")} field={t("complaints.why")} act={(reason) => change(`remedies/${each.remedy_id}/refuse`, { reason })} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
            <NewRemedy catalogue={catalogue} loan={String(one["loan_id"] ?? "")} change={change} />
          </section>
          <Letter base={base} file={file} catalogue={catalogue} change={change} />
          <section>
            <h3>{t("complaints.actions")}</h3>
            <ul class="records">
              {file.actions.map((each) => (
                <li key={each.action_id}>
                  {each.words} · {each.owner} · {each.due_on} · {each.effective === null || each.effective === undefined ? (each.done_at ? t("complaints.action.done") : t("complaints.action.open")) : t(each.effective ? "complaints.action.works" : "complaints.action.fails")}
                  {!each.done_at && <button type="button" onClick={() => void change(`actions/${each.action_id}/done`)}>{t("complaints.action.mark")}</button>}
                  {each.done_at && (each.effective === null || each.effective === undefined) && (
                    <span class="acts">
                      {[true, false].map((effective) => (
                        <button key={String(effective)} type="button" onClick={() => void change(`actions/${each.action_id}/verify`, { effective })}>{t(effective ? "complaints.action.works" : "complaints.action.fails")}</button>
                      ))}
                    </span>
                  )}
                </li>
              ))}
            </ul>
            <NewAction catalogue={catalogue} change={change} />
          </section>
        </div>
        <aside>
          <Readings file={file} catalogue={catalogue} change={change} />
          <List title={t("complaints.evidence")} rows={file.evidence} keys={["kind", "label", "pointer"]} />
          {file.may.length > 0 && (
            <div class="acts">
              <Asked label={t("complaints.escalate")} field={t("complaints.why")} act={(reason) => change("escalate", { version: one.version, reason })} />
              <Asked label={t("complaints.extend")} field={t("complaints.why")} act={(reason) => change("extend", { version: one.version, to: 30, reason })} />
              <Asked label={t("complaints.extend60")} field={t("complaints.why")} act={(reason) => change("extend", { version: one.version, to: 60, reason })} />
            </div>
          )}
          {senior && <Accused file={file} catalogue={catalogue} change={change} />}
          <Asked label={t("complaints.note")} field={t("complaints.note")} act={(text) => change("note", { text })} />
          <NewEvidence catalogue={catalogue} change={change} />
          <NewDocument change={change} />
          <List
            title={t("complaints.contacts")}
            rows={file.contacts}
            keys={["kind", "channel", "words"]}
            more={(row) =>
              file.contacts.length > 1 && file.may.length > 0 ? (
                <Asked label={t("complaints.split")} field={t("complaints.why")} act={(reason) => change("split", { version: one.version, contact_id: row["contact_id"], reason })} />
              ) : null
            }
          />
          <List title={t("complaints.events")} rows={[...file.events].reverse()} keys={["kind", "from_state", "to_state", "actor", "reason"]} />
        </aside>
      </div>
    </>
  );
}

function Fact({ of, value }: { of: string; value: string | null }) {
  return value ? (
    <div>
      <dt>{t(`complaints.fact.${of}`)}</dt>
      <dd>{value}</dd>
    </div>
  ) : null;
}

/** A word of ours in the reader's language; anything else as it is. */
function ours(value: unknown): string {
  const raw = String(value);
  for (const kind of ["cverb", "cstate", "cevent", "ccontact", "cevidence", "cway"]) {
    const word = t(`${kind}.${raw}`);
    if (word !== `${kind}.${raw}`) return word;
  }
  return raw;
}

function List({ title, rows, keys, more }: { title: string; rows: Record_[]; keys: string[]; more?: (row: Record_) => ComponentChild }) {
  if (!rows.length) return null;
  return (
    <details open>
      <summary>{title} <b>{rows.length}</b></summary>
      <ul class="records">
        {rows.map((row, index) => (
          <li key={index}>
            <small>{typeof row["at"] === "string" ? clock(row["at"]) : ""}</small> {keys.map((key) => row[key]).filter(Boolean).map(ours).join(" · ")}
            {more?.(row)}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A button that asks for words before it acts. */
export function Asked({ label, field, act }: { label: string; field: string; act: (words: string) => Promise<boolean> }) {
  const [asking, setAsking] = useState(false);
  if (!asking) return <button type="button" onClick={() => setAsking(true)}>{label}</button>;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const box = event.currentTarget.elements.namedItem("words") as HTMLTextAreaElement;
        void act(box.value).then((done) => done && setAsking(false));
      }}
    >
      <label>{field}<textarea name="words" rows={2} required minLength={2} /></label>
      <span class="acts">
        <button type="submit" class="primary">{label}</button>
        <button type="button" onClick={() => setAsking(false)}>{t("cancel")}</button>
      </span>
    </form>
  );
}

function Readings({ file, catalogue, change }: { file: File; catalogue: Catalogue; change: Change }) {
  const one = file.case;
  const [l1, setL1] = useState(one.l1);
  return (
    <details open>
      <summary>{t("complaints.readings")} <b>{file.readings.length}</b></summary>
      <ul class="records">
        {file.readings.map((each, index) => (
          <li key={index}>
            {ours(each["by"])} · {name(catalogue, String(each["l1"]), String(each["l2"]))} · {String(each["urgency"])}
            {typeof each["confidence"] === "number" && ` · ${Math.round(each["confidence"] * 100)} %`}
          </li>
        ))}
      </ul>
      {file.may.length > 0 && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const fields = new FormData(event.currentTarget);
            void change("classify", { version: one.version, l1, l2: fields.get("l2"), urgency: fields.get("urgency"), reason: fields.get("reason") });
          }}
        >
          <select aria-label={t("complaints.by.l1")} value={l1} onChange={(event) => setL1(event.currentTarget.value)}>
            {Object.keys(catalogue.l1).map((each) => <option key={each} value={each}>{name(catalogue, each)}</option>)}
          </select>
          <select name="l2" aria-label={t("complaints.l2")}>
            {Object.keys(catalogue.l1[l1]?.l2 ?? {}).map((each) => <option key={each} value={each} selected={each === one.l2}>{name(catalogue, l1, each)}</option>)}
          </select>
          <select name="urgency" aria-label={t("complaints.by.level")}>
            {catalogue.urgency.map((each) => <option key={each} value={each} selected={each === one.urgency}>{each}</option>)}
          </select>
          <input name="reason" required minLength={2} aria-label={t("complaints.why")} placeholder={t("complaints.why")} />
          <button type="submit">{t("complaints.correct")}</button>
        </form>
      )}
    </details>
  );
}
