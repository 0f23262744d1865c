import { useState } from "preact/hooks";
import { useDesk } from "../context";
import { english, t } from "../words";
import { CaseBase } from "./CaseBase";
import { useLoad } from "./load";
import { Reports } from "./Reports";
import type { Catalogue } from "./types";
import { Warnings } from "./Warnings";
import "./learning.css";

const OVERSEEING = ["lead", "supervisor", "compliance"];

/** What complaints teach: alarms, reports and lessons; serving staff see the lessons only. */
export function Learning() {
  const desk = useDesk();
  const parts = OVERSEEING.includes(desk.me.value?.role ?? "") ? (["warnings", "cases", "reports"] as const) : (["cases"] as const);
  const [part, setPart] = useState<(typeof parts)[number]>(parts[0]);
  const { data } = useLoad<Catalogue>("/desk/api/complaints/catalogue");
  const subjects = data?.l1 ?? {};
  return (
    <>
      {parts.length > 1 && (
        <nav class="tabs" aria-label={t("learning.parts")}>
          {parts.map((one) => (
            <button key={one} type="button" aria-current={part === one ? "page" : undefined} onClick={() => setPart(one)}>
              {t(`learning.part.${one}`)}
            </button>
          ))}
        </nav>
      )}
      {part === "warnings" ? <Warnings subjects={subjects} /> : part === "reports" ? <Reports subjects={subjects} /> : <CaseBase subjects={subjects} />}
    </>
  );
}

export type Subjects = Catalogue["l1"];

/** `COLL` or `COLL/threat` in the reader's language; a code nobody named is shown as it is. */
export function subject(subjects: Subjects, code: string): string {
  if (code === "all") return t("learning.all");
  const [l1 = "", l2 = ""] = code.split("/");
  const one = subjects[l1];
  const tongue = english.value ? "en" : "zh";
  if (!one) return code;
  return l2 ? `${one[tongue]} · ${one.l2[l2]?.[tongue] ?? l2}` : one[tongue];
}

export function Failed({ why, again }: { why: string; again: () => void }) {
  return (
    <p class="empty bad" role="alert">
      {why} <button type="button" onClick={again}>{t("learning.again")}</button>
    </p>
  );
}
