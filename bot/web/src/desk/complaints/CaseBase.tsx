import { useState } from "preact/hooks";
import { useDesk } from "../context";
import { clock, yuan } from "../format";
import { t } from "../words";
import { Failed, subject, type Subjects } from "./Learning";
import { reason, useLoad } from "./load";
import type { File as CaseFile } from "./types";

interface Lesson {
  lesson_id: string; l1: string; l2: string; urgency: string; facts: string; demand: string; clause: string; merit: string;
  remedy: string[]; cents: number; days: number | null; root_cause: string; lesson: string; script: string; do: string; dont: string;
  tags: string[]; reviewer: string; valid_until: string;
}
interface Draft { lesson_id: string; ref: string | null; contents: Lesson; drawn_by: string; drawn_at: string }

const TEXTS = ["facts", "demand", "clause", "lesson", "script", "do", "dont"] as const;
const MASK = /(〔[^〕]{1,8}〕)/;
const BASE = "/desk/api/complaints/learning";

export function CaseBase({ subjects }: { subjects: Subjects }) {
  const desk = useDesk();
  const senior = ["lead", "supervisor"].includes(desk.me.value?.role ?? "");
  const [typed, setTyped] = useState("");
  const [q, setQ] = useState("");
  const [l1, setL1] = useState("");
  const [l2, setL2] = useState("");
  const { data, failed, busy, again } = useLoad<{ cases: Lesson[] }>(`${BASE}/cases?${new URLSearchParams({ q, l1, l2 })}`);
  return (
    <>
      {senior && <Drafts subjects={subjects} done={again} />}
      <section aria-busy={busy}>
        <h2>{t("learning.lessons")}</h2>
        <form class="learn-form" role="search" onSubmit={(event) => { event.preventDefault(); setQ(typed.trim()); }}>
          <label class="wide">{t("learning.words")}<input type="search" maxLength={500} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} /></label>
          <label>{t("learning.l1")}<select value={l1} onChange={(event) => { setL1(event.currentTarget.value); setL2(""); }}>
            <option value="">{t("learning.any")}</option>
            {Object.keys(subjects).map((one) => <option key={one} value={one}>{subject(subjects, one)}</option>)}
          </select></label>
          <label>{t("learning.l2")}<select value={l2} disabled={!l1} onChange={(event) => setL2(event.currentTarget.value)}>
            <option value="">{t("learning.any")}</option>
            {Object.keys(subjects[l1]?.l2 ?? {}).map((one) => <option key={one} value={one}>{subject(subjects, `${l1}/${one}`)}</option>)}
          </select></label>
          <button type="submit" class="primary">{t("learning.find")}</button>
        </form>
        {failed ? <Failed why={failed} again={again} /> : !data ? <p class="empty">{t("learning.loading")}</p> : data.cases.length === 0 ? (
          <p class="empty">{t(q || l1 ? "learning.nothing" : "learning.lessons.none")}</p>
        ) : (
          <ul class="lessons">{data.cases.map((one) => <Entry key={one.lesson_id} one={one} subjects={subjects} senior={senior} done={again} />)}</ul>
        )}
      </section>
      {senior && <Pack done={again} />}
    </>
  );
}

function Entry({ one, subjects, senior, done }: { one: Lesson; subjects: Subjects; senior: boolean; done: () => void }) {
  const desk = useDesk();
  const withdraw = () => {
    if (!window.confirm(t("learning.withdraw.sure"))) return;
    void desk.try(async () => { await desk.api.post(`${BASE}/cases/${one.lesson_id}/withdraw`); done(); });
  };
  return (
    <li>
      <details>
        <summary><strong>{subject(subjects, `${one.l1}/${one.l2}`)}</strong> <span class={`level ${one.urgency}`}>{one.urgency}</span> {(one.lesson || one.facts).slice(0, 80)}</summary>
        <p class="small">{[one.merit && t(`merit.${one.merit}`), one.root_cause && t(`root_cause.${one.root_cause}`), ...one.remedy.map((each) => t(`remedy.${each}`)), one.cents ? yuan(one.cents) : "", one.days === null ? "" : t("learning.days", { n: one.days.toFixed(1) }), ...one.tags, one.valid_until && t("learning.until", { day: one.valid_until })].filter(Boolean).join(" · ")}</p>
        {TEXTS.filter((key) => one[key]).map((key) => <div key={key}><h3>{t(`learning.text.${key}`)}</h3><Masked text={one[key]} /></div>)}
        {senior && <button type="button" onClick={withdraw}>{t("learning.withdraw")}</button>}
      </details>
    </li>
  );
}

/** What was removed stands out, so that a reader sees both what is gone and what is not. */
function Masked({ text }: { text: string }) {
  return <p class="text">{text.split(MASK).map((part, at) => (at % 2 ? <mark key={at}>{part}</mark> : part))}</p>;
}

function Drafts({ subjects, done }: { subjects: Subjects; done: () => void }) {
  const { data, failed, again } = useLoad<{ drafts: Draft[] }>(`${BASE}/drafts`);
  const desk = useDesk();
  const [ref, setRef] = useState("");
  const [told, setTold] = useState("");
  const draw = async (event: Event) => {
    event.preventDefault();
    try {
      await desk.api.post(`${BASE}/cases`, { ref: ref.trim() });
      setTold(t("learning.drawn"));
      setRef("");
      again();
    } catch (error) {
      setTold(reason(error));
    }
  };
  return (
    <section>
      <h2>{t("learning.drafts", { n: data?.drafts.length ?? 0 })}</h2>
      <form class="learn-form" onSubmit={(event) => void draw(event)}>
        <label>{t("learning.draw")}<input required maxLength={24} value={ref} onInput={(event) => setRef(event.currentTarget.value)} /></label>
        <button type="submit">{t("learning.draw.go")}</button>
        <span role="status">{told}</span>
      </form>
      {failed ? <Failed why={failed} again={again} /> : data?.drafts.length === 0 ? <p class="empty">{t("learning.drafts.none")}</p> : (
        <ul class="lessons">{data?.drafts.map((one) => <Approve key={one.lesson_id} draft={one} subjects={subjects} done={() => { again(); done(); }} />)}</ul>
      )}
    </section>
  );
}

function Approve({ draft, subjects, done }: { draft: Draft; subjects: Subjects; done: () => void }) {
  const desk = useDesk();
  const lesson = draft.contents;
  const mine = draft.drawn_by === desk.me.value?.staff_id;
  const [texts, setTexts] = useState<Record<string, string>>(Object.fromEntries(TEXTS.map((key) => [key, lesson[key] ?? ""])));
  const [tags, setTags] = useState((lesson.tags ?? []).join(" "));
  const [until, setUntil] = useState(lesson.valid_until ?? "");
  const [read, setRead] = useState(false);
  const [failed, setFailed] = useState("");
  const [before, setBefore] = useState("");
  const removed = TEXTS.reduce((sum, key) => sum + (lesson[key] ?? "").split(MASK).filter((_, at) => at % 2).length, 0);
  const original = () => void desk.try(async () => setBefore((await desk.api.get<CaseFile>(`/desk/api/complaints/${draft.ref}`)).case.words));
  const send = async (path: string, body: object) => {
    try {
      await desk.api.post(`${BASE}/cases/${draft.lesson_id}/${path}`, body);
      done();
    } catch (error) {
      setFailed(reason(error));
    }
  };
  return (
    <li>
      <details>
        <summary><strong>{subject(subjects, `${lesson.l1}/${lesson.l2}`)}</strong> {draft.ref ?? t("learning.pack")} <small>{draft.drawn_by} · {clock(draft.drawn_at)} · {t("learning.removed", { n: removed })}</small></summary>
        {mine && <p class="bad">{t("learning.error.same_person")}</p>}
        {TEXTS.filter((key) => lesson[key]).map((key) => <div key={key}><h3>{t(`learning.text.${key}`)}</h3><Masked text={lesson[key]} /></div>)}
        {draft.ref && !before && <button type="button" onClick={original}>{t("learning.original")}</button>}
        {before && <><h3>{t("learning.original.title")}</h3><p class="text">{before}</p></>}
        <form class="stack" onSubmit={(event) => { event.preventDefault(); void send("approve", { ...texts, tags: tags.split(/[\s,，]+/).filter(Boolean), valid_until: until }); }}>
          {TEXTS.map((key) => <label key={key}>{t(`learning.text.${key}`)}<textarea rows={2} maxLength={8000} value={texts[key]} onInput={(event) => { const value = event.currentTarget.value; setTexts((all) => ({ ...all, [key]: value })); }} /></label>)}
          <label>{t("learning.tags")}<input value={tags} onInput={(event) => setTags(event.currentTarget.value)} /></label>
          <label>{t("learning.valid")}<input type="date" value={until} onInput={(event) => setUntil(event.currentTarget.value)} /></label>
          <div><input id={`read-${draft.lesson_id}`} type="checkbox" checked={read} onChange={(event) => setRead(event.currentTarget.checked)} /> <label class="inline" for={`read-${draft.lesson_id}`}>{t("learning.read")}</label></div>
          {failed && <p class="bad" role="alert">{failed}</p>}
          <div class="acts">
            <button type="submit" class="primary" disabled={mine || !read}>{t("learning.approve")}</button>
            <button type="button" onClick={() => window.confirm(t("learning.withdraw.sure")) && void send("withdraw", {})}>{t("learning.withdraw")}</button>
          </div>
        </form>
      </details>
    </li>
  );
}

function Pack({ done }: { done: () => void }) {
  const desk = useDesk();
  const [told, setTold] = useState("");
  const take = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    if (!file) return;
    // As it is, byte for byte: reading and writing it again would make 2.0 days 2 and break the pack's hash.
    const answer = await fetch(`${BASE}/pack`, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRF": desk.api.csrf }, body: await file.text() }).catch(() => null);
    const found = (await answer?.json().catch(() => ({}))) as Record<string, string> | undefined;
    if (answer?.ok) {
      setTold(t("learning.taken", found));
      done();
    } else setTold(answer ? t("learning.pack.refused", { why: found?.["message"] ?? answer.status }) : t("learning.offline"));
    input.value = "";
  };
  return (
    <section>
      <h2>{t("learning.packs")}</h2>
      <div class="learn-form">
        <a href={`${BASE}/pack`} download="cases.json">{t("learning.export")}</a>
        <label>{t("learning.import")}<input type="file" accept="application/json,.json" onChange={(event) => void take(event.currentTarget)} /></label>
      </div>
      <p role="status">{told}</p>
    </section>
  );
}
