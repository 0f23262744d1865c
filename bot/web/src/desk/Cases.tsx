import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { clock, yuan } from "./format";
import { t } from "./words";

interface Case {
  ref: string;
  loan_id: string;
  kind: string;
  status: string;
  authority: string;
  conversation_id: string;
  answer_by: string | null;
  figures: { before: { total: number; plan: [string, number][] }; after: { total: number; usual: number } };
  file: { tier?: string; situation?: string; affordable?: number | null; vulnerable?: boolean } | null;
}

const REASONS = ["papers_missing", "not_affordable", "too_often", "already_arranged", "not_in_policy", "other_way_better"];

export function Cases() {
  const desk = useDesk();
  const [cases, setCases] = useState<Case[] | null>(null);
  const [done, setDone] = useState("");
  const look = () => void desk.try(() => desk.api.get<{ cases: Case[] }>("/staff/cases")).then((found) => setCases(found?.cases ?? []));
  useEffect(look, []);
  const decide = async (ref: string, path: string, body: unknown) => {
    const made = await desk.try(() => desk.api.post<{ verdict: string }>(`/staff/cases/${ref}/${path}`, body));
    if (made) setDone(t("cases.done", { ref, verdict: made.verdict }));
    look();
  };
  if (!cases) return <main class="page" aria-busy="true" />;
  return (
    <main class="page">
      {done && <p class="small" role="status">{done}</p>}
      {!cases.length && <p class="empty big">{t("cases.none")}</p>}
      {cases.map((one) => (
        <article key={one.ref} class="case">
          <h2>
            {one.ref} <small>{t(`kind.${one.kind}`)} · {one.loan_id}</small>
          </h2>
          <dl class="facts">
            <Pair name="plan.before" value={one.figures.before.plan[0] ? yuan(one.figures.before.plan[0][1]) : "—"} />
            <Pair name="plan.after" value={yuan(one.figures.after.usual)} />
            <Pair name="plan.total.before" value={yuan(one.figures.before.total)} />
            <Pair name="plan.total.after" value={yuan(one.figures.after.total)} />
            <Pair name="plan.authority" value={t(`authority.${one.authority}`)} />
          </dl>
          {one.file && (
            <p class="small">
              {[one.file.tier, one.file.situation, one.file.affordable ? yuan(one.file.affordable) : "", one.file.vulnerable ? t("file.care") : "", one.answer_by ? clock(one.answer_by) : ""].filter(Boolean).join(" · ")}
            </p>
          )}
          <form
            class="acts"
            onSubmit={(event) => {
              event.preventDefault();
              void decide(one.ref, "decline", { reason: (event.currentTarget.elements.namedItem("reason") as HTMLSelectElement).value });
            }}
          >
            <button type="button" class="primary" onClick={() => void decide(one.ref, "approve", {})}>{t("cases.approve")}</button>
            <select name="reason" aria-label={t("cases.decline")}>
              {REASONS.map((reason) => (
                <option key={reason} value={reason}>
                  {t(`decline.${reason}`)}
                </option>
              ))}
            </select>
            <button type="submit">{t("cases.decline")}</button>
          </form>
        </article>
      ))}
    </main>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd class="number">{value}</dd>
    </div>
  );
}
