// Trying a plan and offering it; promises and calls. Every figure comes from the engine on today's ledger.

import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { cents, yuan } from "./format";
import type { Customer, WhatIf } from "./types";
import { t } from "./words";

const KINDS: Record<string, { field: string; start: number; how?: string }> = {
  extension: { field: "count", start: 6 },
  deferral: { field: "months", start: 1, how: "interest_only" },
  interest_only: { field: "months", start: 3 },
  grace: { field: "days", start: 5 },
  due_day: { field: "day", start: 15 },
  overdue_split: { field: "count", start: 6 },
  personal_plan: { field: "count", start: 36 },
  waiver: { field: "cents", start: 100 },
  penalty_stop: { field: "months", start: 3 },
};

const AFTER = 300; // milliseconds without a change

export function PlanTab() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const customer = desk.customer.value;
  const key = talk?.conversation_id ?? "";
  const running = customer?.loans.filter((loan) => !loan.settled) ?? [];
  const [loan, setLoan] = useState("");
  const [kind, setKind] = useState("extension");
  const [number, setNumber] = useState("6");
  const [shown, setShown] = useState<WhatIf | null>(null);
  const [trouble, setTrouble] = useState("");
  const [done, setDone] = useState("");
  const chosen = loan || running[0]?.loan_id || "";

  useEffect(() => {
    if (talk?.customer_id && !customer)
      void desk.try(() => desk.api.get<Customer>(`${desk.at(key)}/customer`)).then((found) => {
        if (desk.open.value === key) desk.customer.value = found;
      });
  }, [key, talk?.customer_id]);
  const wish = (): Record<string, unknown> | null => {
    const setting = KINDS[kind];
    if (!setting) return null;
    const value = setting.field === "cents" ? cents(number) : /^\d{1,4}$/.test(number) ? Number(number) : null;
    if (!value) return null;
    return { kind, [setting.field]: value, ...(setting.how ? { how: setting.how } : {}) };
  };
  useEffect(() => {
    setShown(null);
    setTrouble("");
    const asked = wish();
    if (!chosen || !asked) return;
    const timer = setTimeout(() => {
      desk.api
        .post<WhatIf>(`${desk.at(key)}/what-if`, { loan_id: chosen, wish: asked })
        .then(setShown)
        .catch((error: Error) => setTrouble(error.message));
    }, AFTER);
    return () => clearTimeout(timer);
  }, [chosen, kind, number, key]);
  if (!talk?.customer_id) return <p class="empty">{t("customer.none")}</p>;
  if (!chosen) return <p class="empty">{t("plan.none")}</p>;
  const offer = async () => {
    const made = await desk.try(() => desk.api.post<{ ref: string; status: string }>(`${desk.at(key)}/offers`, { loan_id: chosen, wish: wish() }));
    if (made) setDone(t("plan.offered", { ref: made.ref, status: t(`plan.${made.status}`) }));
  };
  return (
    <>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void offer();
        }}
      >
        <label>
          {t("plan.loan")}
          <select value={chosen} onChange={(event) => setLoan(event.currentTarget.value)}>
            {running.map((one) => (
              <option key={one.loan_id} value={one.loan_id}>
                {one.loan_id} {one.product}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("plan.kind")}
          <select
            value={kind}
            onChange={(event) => {
              setKind(event.currentTarget.value);
              setNumber(String(KINDS[event.currentTarget.value]?.start ?? 1));
            }}
          >
            {Object.keys(KINDS).map((one) => (
              <option key={one} value={one}>
                {t(`kind.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("plan.number")}
          <input inputMode="decimal" value={number} onInput={(event) => setNumber(event.currentTarget.value)} />
        </label>
        {trouble && <p class="small bad" role="status">{trouble}</p>}
        {shown && <Outcome shown={shown} />}
        <button type="submit" class="primary" disabled={!shown || !desk.mine}>{t("plan.offer")}</button>
        {done && <p class="small" role="status">{done}</p>}
      </form>
      <PromiseForm loan={chosen} />
      <CallForm />
    </>
  );
}

function Outcome({ shown }: { shown: WhatIf }) {
  const { before, after } = shown.figures;
  const now = before.plan[0];
  const rows: [string, string][] = [
    ["plan.before", now ? yuan(now[1]) : "—"],
    ["plan.after", yuan(after.usual)],
    ["plan.first", after.first ? `${after.first[0]}　${yuan(after.first[1])}` : "—"],
    ["plan.total.before", yuan(before.total)],
    ["plan.total.after", yuan(after.total)],
    ["plan.authority", t(`authority.${shown.authority}`)],
  ];
  return (
    <div class="outcome" aria-live="polite">
      <dl class="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      <p class="small">{t("customer.ledger", { n: shown.ledger })}</p>
    </div>
  );
}

function PromiseForm({ loan }: { loan: string }) {
  const desk = useDesk();
  const [done, setDone] = useState("");
  const save = async (form: HTMLFormElement) => {
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value;
    const made = await desk.try(() => desk.api.post<{ ref: string }>(`${desk.at(desk.open.value)}/promises`, { loan_id: loan, cents: cents(field("cents")) ?? 0, by_day: field("day") }));
    if (made) setDone(t("promise.done", { ref: made.ref }));
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <h3>{t("promise")}</h3>
      <label>
        {t("promise.cents")}
        <input name="cents" inputMode="decimal" required />
      </label>
      <label>
        {t("promise.day")}
        <input name="day" type="date" required />
      </label>
      <button type="submit" disabled={!desk.mine}>{t("save")}</button>
      {done && <p class="small" role="status">{done}</p>}
    </form>
  );
}

function CallForm() {
  const desk = useDesk();
  const [done, setDone] = useState(false);
  const save = async (form: HTMLFormElement) => {
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value;
    const body = Object.fromEntries(["channel", "direction", "outcome", "note"].map((name) => [name, field(name)]));
    if (await desk.try(() => desk.api.post(`${desk.at(desk.open.value)}/interactions`, body))) {
      setDone(true);
      form.reset();
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <h3>{t("call")}</h3>
      <span class="three">
        <Choice name="channel" of={["phone", "branch", "letter"]} />
        <Choice name="direction" of={["in", "out"]} />
        <Choice name="outcome" of={["reached", "no_answer", "wrong_number", "promise", "dispute", "visited", "other"]} />
      </span>
      <input name="note" aria-label={t("call.note")} placeholder={t("call.note")} required maxLength={2000} />
      <button type="submit">{t("save")}</button>
      {done && <p class="small" role="status">{t("saved")}</p>}
    </form>
  );
}

function Choice({ name, of }: { name: string; of: string[] }) {
  return (
    <select name={name} aria-label={name}>
      {of.map((one) => (
        <option key={one} value={one}>
          {t(`call.${one}`)}
        </option>
      ))}
    </select>
  );
}
