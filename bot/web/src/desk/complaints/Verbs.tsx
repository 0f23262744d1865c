import { useState } from "preact/hooks";
import { t } from "../words";
import type { Change } from "./Adding";
import type { Catalogue, File, Record_ } from "./types";

// What each step asks for (docs/complaints.md, "States and transitions"); a step that is not named asks for a reason only where one is needed.
const ASKS: Record<string, string[]> = {
  propose: ["findings", "merit", "grounds"],
  close: ["root_cause", "preventability", "owner", "systemic", "lesson"],
  ask_customer: ["question"],
  ask_external: ["reason"],
  return: ["reason"],
  dispute: ["reason"],
  reopen: ["reason"],
  unmerge: ["reason"],
  withdraw: ["evidence_id"],
  merge: ["into", "reason"],
  notify: ["letter_id"],
};
const CHOICES: Record<string, keyof Catalogue> = { merit: "merit", root_cause: "root_causes", preventability: "preventability", owner: "owners" };
const LONG = ["findings", "grounds", "question", "lesson", "reason"];
const OPTIONAL = ["lesson"];

/** Only the steps that this colleague may take now, each with what it needs. */
export function Verbs({ file, catalogue, change }: { file: File; catalogue: Catalogue; change: Change }) {
  const [verb, setVerb] = useState("");
  const one = file.case;
  const take = (chosen: string) => ((ASKS[chosen] ?? []).length ? setVerb(chosen === verb ? "" : chosen) : void change(`do/${chosen}`, { version: one.version }));
  // What a step is taken on: a letter without faults, their own writing. Without one the step waits, and says for what.
  const papers: Record<string, { field: string; none: string; found: { id: string; label: string }[] }> = {
    notify: { field: "letter_id", none: "complaints.no_letter", found: file.letters.filter((each) => each.faults.length === 0).map((each) => ({ id: each.letter_id, label: `${each.version} · ${each.language}` })) },
    withdraw: { field: "evidence_id", none: "complaints.no_writing", found: file.evidence.filter((each) => ["document", "message"].includes(each.kind)).map((each) => ({ id: each.evidence_id, label: `${t(`cevidence.${each.kind}`)} · ${each.label}` })) },
  };
  const paper = papers[verb];
  return (
    <section>
      <h3>{t("complaints.steps")}</h3>
      <p class="acts">
        {file.may.length === 0 && <span class="empty">{t("complaints.nothing")}</span>}
        {file.may.map((each) => (
          <button key={each} type="button" aria-pressed={verb === each} onClick={() => take(each)}>{t(`cverb.${each}`)}</button>
        ))}
        {!one.contacted_at && file.may.length > 0 && (
          <button type="button" onClick={() => void change("contacted", { outcome: "reached" })}>{t("complaints.spoken")}</button>
        )}
        {!one.handler && <button type="button" onClick={() => void change("assign", { version: one.version })}>{t("complaints.assign")}</button>}
      </p>
      {verb && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            const fields = new FormData(event.currentTarget);
            const body: Record_ = { version: one.version };
            for (const field of ASKS[verb] ?? []) {
              if (field === "systemic") body[field] = fields.get(field) === "on";
              else if (fields.get(field)) body[field] = fields.get(field);
            }
            void change(`do/${verb}`, body).then((done) => done && setVerb(""));
          }}
        >
          {(ASKS[verb] ?? []).map((field) => (
            <label key={field}>
              {t(`cfield.${field}`)}
              {field === "systemic" ? (
                <input type="checkbox" name={field} />
              ) : field === paper?.field ? (
                <select name={field} required>
                  {paper.found.map((each) => <option key={each.id} value={each.id}>{each.label}</option>)}
                </select>
              ) : CHOICES[field] ? (
                <select name={field} required>
                  {(catalogue[CHOICES[field] as "merit"] as string[]).map((each) => <option key={each} value={each}>{t(`${field === "owner" ? "cowner" : field}.${each}`)}</option>)}
                </select>
              ) : LONG.includes(field) ? (
                <textarea name={field} rows={field === "findings" ? 4 : 2} required={!OPTIONAL.includes(field)}>{String(one[field] ?? "")}</textarea>
              ) : (
                <input name={field} required placeholder="TS-…" />
              )}
            </label>
          ))}
          {paper?.found.length === 0 && <p class="bad">{t(paper.none)}</p>}
          <button type="submit" class="primary" disabled={paper?.found.length === 0}>{t(`cverb.${verb}`)}</button>
        </form>
      )}
    </section>
  );
}
