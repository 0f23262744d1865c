import { useState } from "preact/hooks";
import { useDesk } from "../context";
import { clock } from "../format";
import { t } from "../words";
import { Chart, number, type Drawn } from "./Chart";
import { Failed, subject, type Subjects } from "./Learning";
import { reason, useLoad } from "./load";

interface Alarm { rule: string; category: string; since: string; value: number; limit: number }
interface Category { category: string; enough: boolean; baseline: number; frozen: boolean; charts: Drawn[]; alarms: Alarm[] }
interface Task { alarm_id: string; category: string; rule: string; since: string; value: number; bound: number; opened_at: string }

export function Warnings({ subjects }: { subjects: Subjects }) {
  const desk = useDesk();
  const senior = ["lead", "supervisor"].includes(desk.me.value?.role ?? "");
  const { data, failed, busy, again } = useLoad<{ categories: Category[]; tasks: Task[] }>("/desk/api/complaints/learning/warnings");
  const [chosen, setChosen] = useState("");
  const [looking, setLooking] = useState(false);
  const [told, setTold] = useState("");
  const look = async () => {
    setLooking(true);
    setTold("");
    try {
      const found = await desk.api.post<{ opened: string[] }>("/desk/api/complaints/learning/warnings/look");
      setTold(t("learning.looked", { n: found.opened.length }));
      again();
    } catch (error) {
      setTold(reason(error));
    }
    setLooking(false);
  };
  if (failed) return <section><Failed why={failed} again={again} /></section>;
  if (!data) return <section aria-busy="true"><p class="empty">{t("learning.loading")}</p></section>;
  const ordered = [...data.categories].sort((a, b) => b.alarms.length - a.alarms.length || Number(b.enough) - Number(a.enough));
  const shown = ordered.find((one) => one.category === chosen) ?? ordered[0];
  return (
    <>
      <section aria-busy={busy}>
        <div class="acts">
          <h2>{t("learning.tasks", { n: data.tasks.length })}</h2>
          <span class="grow" />
          {senior && <button type="button" class="primary" disabled={looking} onClick={() => void look()}>{looking ? t("learning.looking") : t("learning.look")}</button>}
        </div>
        <p class="small" role="status">{told}</p>
        {data.tasks.length === 0 ? <p class="empty">{t("learning.tasks.none")}</p> : (
          <ul class="alarms">
            {data.tasks.map((one) => <TaskRow key={one.alarm_id} task={one} subjects={subjects} senior={senior} done={again} />)}
          </ul>
        )}
      </section>
      <div class="watch">
        <section>
          <h2>{t("learning.categories")}</h2>
          <ul>
            {ordered.map((one) => (
              <li key={one.category}>
                <button type="button" class="row" aria-current={one === shown ? "true" : undefined} onClick={() => setChosen(one.category)}>
                  {subject(subjects, one.category)}{" "}
                  <small class={one.alarms.length ? "bad" : ""}>
                    {one.alarms.length ? t("learning.alarms", { n: one.alarms.length }) : one.enough ? t("learning.calm") : t("learning.little")}
                  </small>
                </button>
              </li>
            ))}
          </ul>
        </section>
        {shown && (
          <section aria-label={subject(subjects, shown.category)}>
            <h2>{subject(subjects, shown.category)}</h2>
            {!shown.enough ? <p class="empty">{t("learning.little.why")}</p> : (
              <p class="small">{t(shown.frozen ? "learning.frozen" : "learning.grows", { n: shown.baseline, week: shown.charts[0]?.names[shown.baseline - 1] ?? "" })}</p>
            )}
            {shown.alarms.length > 0 && (
              <ul class="alarms">
                {shown.alarms.map((one) => (
                  <li key={`${one.rule}${one.since}`}><b class="bad">◆ {t(`learning.rule.${one.rule}`)}</b> {one.since} · {t("learning.over", { value: number(one.value), limit: number(one.limit) })}</li>
                ))}
              </ul>
            )}
            {shown.charts.map((one) => <Chart key={one.kind} chart={one} baseline={shown.baseline} title={subject(subjects, shown.category)} />)}
          </section>
        )}
      </div>
    </>
  );
}

function TaskRow({ task, subjects, senior, done }: { task: Task; subjects: Subjects; senior: boolean; done: () => void }) {
  const desk = useDesk();
  const [note, setNote] = useState("");
  const [restart, setRestart] = useState("");
  const [failed, setFailed] = useState("");
  const close = async (event: Event) => {
    event.preventDefault();
    try {
      await desk.api.post(`/desk/api/complaints/learning/warnings/${task.alarm_id}/close`, { note, ...(restart ? { restart } : {}) });
      done();
    } catch (error) {
      setFailed(reason(error));
    }
  };
  return (
    <li>
      <b class="bad">◆ {t(`learning.rule.${task.rule}`)}</b> {subject(subjects, task.category)} · {task.since} · {t("learning.over", { value: number(task.value), limit: number(task.bound) })} <small>{clock(task.opened_at)}</small>
      {senior && (
        <details>
          <summary>{t("learning.close")}</summary>
          <form class="stack" onSubmit={(event) => void close(event)}>
            <label>{t("learning.close.note")}<textarea required rows={2} maxLength={4000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
            <label>{t("learning.close.restart")}<input pattern="\d{4}-W\d{2}" placeholder="2026-W30" value={restart} onInput={(event) => setRestart(event.currentTarget.value.trim())} /></label>
            {failed && <p class="bad" role="alert">{failed}</p>}
            <div class="acts"><button type="submit" class="primary" disabled={!note.trim()}>{t("learning.close.go")}</button></div>
          </form>
        </details>
      )}
    </li>
  );
}
