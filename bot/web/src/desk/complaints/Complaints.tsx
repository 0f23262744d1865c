import { useEffect, useState } from "preact/hooks";
import { useDesk } from "../context";
import { t } from "../words";
import { Board } from "./Board";
import { CaseFile } from "./CaseFile";
import { Learning } from "./Learning";
import type { Catalogue } from "./types";
import "./complaints.css";

/** Complaints: the board, one case's file, and what is learned from all of them. */
export function Complaints() {
  const desk = useDesk();
  const [part, setPart] = useState<"board" | "learning">("board");
  const [ref, setRef] = useState("");
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  useEffect(() => {
    void desk.try(() => desk.api.get<Catalogue>("/desk/api/complaints/catalogue")).then((found) => setCatalogue(found ?? null));
  }, []);
  if (!catalogue) return <main class="page" aria-busy="true" />;
  return (
    <main class="page complaints">
      <nav class="tabs" aria-label={t("view.complaints")}>
        {(["board", "learning"] as const).map((one) => (
          <button key={one} type="button" aria-current={part === one ? "page" : undefined} onClick={() => { setPart(one); setRef(""); }}>
            {t(`complaints.${one}`)}
          </button>
        ))}
      </nav>
      {part === "learning" ? <Learning /> : ref ? <CaseFile key={ref} reference={ref} catalogue={catalogue} open={setRef} /> : <Board catalogue={catalogue} open={setRef} />}
    </main>
  );
}
