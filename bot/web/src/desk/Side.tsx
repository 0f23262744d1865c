import { CustomerTab } from "./CustomerTab";
import { useDesk } from "./context";
import { Knowledge } from "./Knowledge";
import { NotesTab } from "./NotesTab";
import { PlanTab } from "./PlanTab";
import { t } from "./words";

const TABS = ["file", "customer", "plan", "notes"] as const;

export function Side() {
  const desk = useDesk();
  const talk = desk.talk.value;
  if (!talk) return <aside class="side" />;
  const tab = desk.tab.value;
  return (
    <aside class="side">
      <div class="tabs" role="tablist">
        {TABS.map((one, index) => (
          <button key={one} type="button" role="tab" id={`tab-${one}`} aria-selected={tab === one} aria-controls="tab-panel" onClick={() => (desk.tab.value = one)}>
            {t(`tab.${one}`)} <kbd>{index + 1}</kbd>
          </button>
        ))}
      </div>
      <div class="panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        {tab === "file" && <FileTab />}
        {tab === "customer" && <CustomerTab />}
        {tab === "plan" && <PlanTab />}
        {tab === "notes" && <NotesTab />}
      </div>
    </aside>
  );
}

function FileTab() {
  const talk = useDesk().talk.value;
  if (!talk) return null;
  const jump = (seq: number) => {
    const found = document.getElementById(`m${seq}`);
    found?.scrollIntoView({ block: "center" });
    found?.focus();
  };
  return (
    <>
      <h3>{t("file")}</h3>
      <dl class="file">
        {talk.file.map((line, index) => (
          <div key={index} class={`line is-${line.key}`}>
            <dt>{t(`file.${line.key}`)}</dt>
            <dd>
              {line.text}
              {line.seq !== null && (
                <button type="button" onClick={() => jump(line.seq as number)} aria-label={`${t("jump")} ${line.seq}`}>
                  ↗ {line.seq}
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Knowledge />
    </>
  );
}
