import type { ComponentChildren } from "preact";
import { cents } from "../format";
import { t } from "../words";
import type { Catalogue, File, Record_ } from "./types";

export type Change = (path: string, body?: Record_ | Blob) => Promise<boolean>;

/** A small form that adds one thing to a case and is empty again once it is there. */
function Adding({ label, layout, add, children }: { label: string; layout: "inline" | "stack"; add: (fields: FormData) => Promise<boolean>; children: ComponentChildren }) {
  return (
    <form
      class={layout}
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        void add(new FormData(form)).then((done) => done && form.reset());
      }}
    >
      {children}
      <button type="submit">{label}</button>
    </form>
  );
}

function Choice({ name, label, options, word }: { name: string; label: string; options: string[]; word: string }) {
  return (
    <select name={name} aria-label={label}>
      {options.map((one) => <option key={one} value={one}>{t(`${word}.${one}`)}</option>)}
    </select>
  );
}

function Text({ name, label }: { name: string; label: string }) {
  return <input name={name} required minLength={2} aria-label={label} placeholder={label} />;
}

export function NewRemedy({ catalogue, loan, change }: { catalogue: Catalogue; loan: string; change: Change }) {
  const add = (fields: FormData) => {
    const amount = cents(String(fields.get("amount") ?? ""));
    return change("remedies", { kind: fields.get("kind"), words: fields.get("words"), ...(amount ? { cents: amount, ...(loan ? { loan_id: loan } : {}) } : {}) });
  };
  return (
    <Adding label={t("complaints.remedy.add")} layout="inline" add={add}>
      <Choice name="kind" label={t("complaints.remedy.kind")} options={catalogue.remedies} word="remedy" />
      <input name="amount" inputMode="decimal" aria-label={t("complaints.remedy.amount")} placeholder={t("complaints.remedy.amount")} />
      <Text name="words" label={t("complaints.remedy.words")} />
    </Adding>
  );
}

export function NewAction({ catalogue, change }: { catalogue: Catalogue; change: Change }) {
  return (
    <Adding label={t("complaints.action.add")} layout="inline" add={(fields) => change("actions", Object.fromEntries(fields))}>
      <Choice name="kind" label={t("complaints.action.kind")} options={["corrective", "preventive"]} word="caction" />
      <Text name="words" label={t("complaints.action.words")} />
      <Choice name="owner" label={t("complaints.owner")} options={catalogue.owners} word="cowner" />
      <input name="due_on" type="date" required aria-label={t("complaints.action.due")} />
    </Adding>
  );
}

export function NewEvidence({ catalogue, change }: { catalogue: Catalogue; change: Change }) {
  return (
    <Adding label={t("complaints.evidence.add")} layout="stack" add={(fields) => change("evidence", Object.fromEntries(fields))}>
      <Choice name="kind" label={t("complaints.evidence.kind")} options={catalogue.evidence.filter((one) => !["note", "document"].includes(one))} word="cevidence" />
      <Text name="pointer" label={t("complaints.evidence.pointer")} />
      <Text name="label" label={t("complaints.evidence.label")} />
    </Adding>
  );
}

/** A file as evidence, such as a letter that came by post. */
export function NewDocument({ change }: { change: Change }) {
  const add = (fields: FormData) => change(`documents?${new URLSearchParams({ label: String(fields.get("label")) })}`, fields.get("file") as Blob);
  return (
    <Adding label={t("complaints.document.add")} layout="stack" add={add}>
      <input name="file" type="file" required accept=".pdf,.png,.jpg,.jpeg" aria-label={t("complaints.document.file")} />
      <Text name="label" label={t("complaints.evidence.label")} />
    </Adding>
  );
}

/** Whom a complaint is about: every colleague, whether at work or not. Those named already stay, also when they have left. */
export function Colleagues({ catalogue, chosen }: { catalogue: Catalogue; chosen: string[] }) {
  const left = chosen.filter((id) => !catalogue.staff.some((one) => one.staff_id === id));
  return (
    <fieldset class="people">
      <legend>{t("complaints.accused")}</legend>
      {[...catalogue.staff, ...left.map((id) => ({ staff_id: id, name: id, role: "" }))].map((one) => (
        <label key={one.staff_id}>
          <input type="checkbox" name="accused" value={one.staff_id} defaultChecked={chosen.includes(one.staff_id)} /> {one.name}
          {one.name !== one.staff_id && <small> {one.staff_id}</small>}
        </label>
      ))}
    </fieldset>
  );
}

/** Seniors say whom a case is about; whoever is named sees it no more, and a handler among them loses it. */
export function Accused({ file, catalogue, change }: { file: File; catalogue: Catalogue; change: Change }) {
  const chosen = (file.case["accused"] as string[] | undefined) ?? [];
  return (
    <details>
      <summary>{t("complaints.accused")} <b>{chosen.length}</b></summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void change("accused", { version: file.case.version, staff: new FormData(event.currentTarget).getAll("accused") });
        }}
      >
        <Colleagues key={chosen.join()} catalogue={catalogue} chosen={chosen} />
        <button type="submit">{t("complaints.accused.save")}</button>
      </form>
    </details>
  );
}
