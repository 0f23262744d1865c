import { useEffect, useState } from "preact/hooks";
import { Accounts } from "./Accounts";
import { useDesk } from "./context";
import { clock, yuan } from "./format";
import type { Customer, LoanView } from "./types";
import { t } from "./words";

export function CustomerTab() {
  const desk = useDesk();
  const talk = desk.talk.value;
  const customer = desk.customer.value;
  const key = talk?.conversation_id ?? "";
  const [purpose, setPurpose] = useState("");
  const load = async (why: string) => {
    const found = await desk.try(() => desk.api.get<Customer>(`${desk.at(key)}/customer${why ? `?purpose=${encodeURIComponent(why)}` : ""}`));
    if (desk.open.value === key) desk.customer.value = found;
  };
  useEffect(() => {
    if (talk?.customer_id && talk.handover && !customer) void load("");
  }, [key, talk?.customer_id, talk?.handover?.ref]);
  if (!talk?.customer_id) return <p class="empty">{t("customer.none")}</p>;
  if (!customer)
    return talk.handover ? (
      <p class="empty" aria-busy="true" />
    ) : (
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void load(purpose);
        }}
      >
        <label>
          {t("customer.why")}
          <input value={purpose} required minLength={2} maxLength={120} onInput={(event) => setPurpose(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary">{t("customer.open")}</button>
      </form>
    );
  return (
    <>
      <dl class="facts">
        <Personal datum="name" shown={customer.name} />
        <Personal datum="phone" shown={customer.phone ?? "—"} />
        <Personal datum="id_number" shown={customer.id_number} />
      </dl>
      <h3>{t("customer.loans")}</h3>
      {customer.loans.map((loan) => <Loan key={loan.loan_id} loan={loan} />)}
      {(["arrangements", "promises", "requests", "interactions", "handovers"] as const).map((name) => (
        <Records key={name} name={name} rows={customer[name] as Record<string, unknown>[]} />
      ))}
      <Accounts conversation={key} />
      <h3>{t("customer.consents")}</h3>
      <p class="small">{Object.entries(customer.consents).filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`).join(" · ") || "—"}</p>
    </>
  );
}

function Personal({ datum, shown }: { datum: string; shown: string }) {
  const desk = useDesk();
  const [value, setValue] = useState(shown);
  const [asking, setAsking] = useState(false);
  const reveal = async (purpose: string) => {
    const found = await desk.try(() => desk.api.post<{ value: string }>(`${desk.at(desk.open.value)}/reveal`, { datum, purpose }));
    if (found) setValue(found.value);
    setAsking(false);
  };
  return (
    <div>
      <dt>{t(`customer.${datum}`)}</dt>
      <dd>
        {value}
        {value === shown && desk.me.value?.role !== "compliance" && (
          <button type="button" aria-expanded={asking} onClick={() => setAsking(!asking)}>{t("customer.reveal")}</button>
        )}
        {asking && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void reveal((event.currentTarget.elements.namedItem("purpose") as HTMLInputElement).value);
            }}
          >
            <input name="purpose" required minLength={2} maxLength={120} aria-label={t("customer.reveal.why")} placeholder={t("customer.reveal.why")} />
            <button type="submit">{t("customer.reveal")}</button>
          </form>
        )}
      </dd>
    </div>
  );
}

function Loan({ loan }: { loan: LoanView }) {
  return (
    <details class="loan" open={!loan.settled}>
      <summary>
        <strong>{loan.loan_id}</strong> {loan.product}
      </summary>
      <dl class="facts">
        <div>
          <dt>{t("customer.left")}</dt>
          <dd class="number">{yuan(loan.principal_left)}</dd>
        </div>
        {loan.days_overdue > 0 && (
          <div class="bad">
            <dt>{t("customer.overdue", { n: loan.days_overdue })}</dt>
            <dd class="number">{yuan(loan.overdue.total)}</dd>
          </div>
        )}
        {loan.due && (
          <div>
            <dt>{t("customer.due", { day: loan.due[0] })}</dt>
            <dd class="number">{yuan(loan.due[1])}</dd>
          </div>
        )}
      </dl>
      <p class="small">{t("customer.ledger", { n: loan.ledger })}</p>
      <details>
        <summary>{t("customer.schedule")}</summary>
        <table>
          <tbody>
            {loan.schedule.map(([number, day, owed, paid]) => (
              <tr key={number} class={paid ? "paid" : ""}>
                <td>{number}</td>
                <td>{day}</td>
                <td class="number">{paid ? "✓" : yuan(owed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <details>
        <summary>{t("customer.payments")}</summary>
        <table>
          <tbody>
            {loan.payments.map(([at, cents], index) => (
              <tr key={index}>
                <td>{clock(at)}</td>
                <td class="number">{yuan(cents)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </details>
  );
}

const SHOWN = ["ref", "kind", "status", "reason", "channel", "outcome", "cents", "by_day", "topic", "summary", "note", "words"];

function Records({ name, rows }: { name: string; rows: Record<string, unknown>[] }) {
  if (!rows.length) return null;
  return (
    <>
      <h3>
        {t(`customer.${name}`)} <b>{rows.length}</b>
      </h3>
      <ul class="records">
        {rows.map((row, index) => (
          <li key={index}>
            {SHOWN.filter((key) => row[key] !== null && row[key] !== undefined && row[key] !== "")
              .map((key) => (key === "cents" ? yuan(Number(row[key])) : String(row[key])))
              .join(" · ")}
          </li>
        ))}
      </ul>
    </>
  );
}
