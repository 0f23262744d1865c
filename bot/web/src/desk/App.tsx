import { Cases } from "./Cases";
import { Channels } from "./Channels";
import { Complaints } from "./complaints/Complaints";
import { Conversation } from "./Conversation";
import { useDesk } from "./context";
import { Dialogs } from "./Dialogs";
import { InboxList } from "./InboxList";
import { AccessLog } from "./AccessLog";
import { Login } from "./Login";
import { Overview } from "./Overview";
import { Side } from "./Side";
import { switchLanguage, t } from "./words";

const SEES = ["agent", "lead", "supervisor", "compliance"];

export function App() {
  const desk = useDesk();
  const me = desk.me.value;
  if (!desk.loaded.value) return null;
  if (!me) return <Login />;
  return (
    <div class="desk">
      <Bar />
      {desk.notice.value && (
        <p class="notice" role="alert">
          {desk.notice.value}
          <button type="button" onClick={() => (desk.notice.value = "")} aria-label={t("cancel")}>
            ×
          </button>
        </p>
      )}
      {!desk.up.value && <p class="notice warn" role="status">{t("link.down")}</p>}
      {desk.wasGone.value && (
        <p class="notice warn" role="alert">
          {t("offline.banner")} <button type="button" onClick={() => void desk.status("online")}>{t("offline.back")}</button>
        </p>
      )}
      {!SEES.includes(me.role) ? <p class="empty big">{t("none.role")}</p> : <Body />}
      <Dialogs />
    </div>
  );
}

function Body() {
  const desk = useDesk();
  const view = desk.view.value;
  if (view === "overview") return <Overview />;
  if (view === "cases") return <Cases />;
  if (view === "complaints") return <Complaints />;
  if (view === "channels") return <Channels />;
  if (view === "log") return <AccessLog />;
  return (
    <div class={desk.open.value ? "columns open" : "columns"}>
      <InboxList />
      <Conversation />
      <Side />
    </div>
  );
}

function Bar() {
  const desk = useDesk();
  const me = desk.me.value;
  if (!me) return null;
  const views = [
    ...(SEES.includes(me.role) ? (["inbox"] as const) : []),
    ...(["lead", "supervisor", "compliance"].includes(me.role) ? (["overview"] as const) : []),
    ...(["agent", "lead", "supervisor"].includes(me.role) ? (["cases", "channels"] as const) : []),
    ...(SEES.includes(me.role) ? (["complaints"] as const) : []),
    ...(["supervisor", "compliance"].includes(me.role) ? (["log"] as const) : []),
  ];
  return (
    <header class="bar">
      <h1>{t("title")}</h1>
      <nav>
        {views.map((view) => (
          <button key={view} type="button" aria-current={desk.view.value === view ? "page" : undefined} onClick={() => (desk.view.value = view)}>
            {t(`view.${view}`)}
          </button>
        ))}
      </nav>
      <span class="grow" />
      {["agent", "lead", "supervisor"].includes(me.role) && (
        <label class="status">
          <span class={`dot ${desk.inbox.value?.status ?? "offline"}`} aria-hidden="true" />
          <select aria-label={t("status")} value={desk.inbox.value?.status ?? "offline"} onChange={(event) => void desk.status(event.currentTarget.value)}>
            {["online", "busy", "away", "offline"].map((one) => (
              <option key={one} value={one}>
                {t(`status.${one}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <span class="me">
        {me.name} <small>{t(`role.${me.role}`)}</small>
      </span>
      <label class="check">
        <input
          type="checkbox"
          checked={desk.sound.value}
          onChange={(event) => {
            desk.sound.value = event.currentTarget.checked;
            localStorage.setItem("daihou-desk-sound", desk.sound.value ? "on" : "off");
          }}
        />
        {t("sound")}
      </label>
      {"Notification" in window && Notification.permission === "default" && (
        <button type="button" onClick={() => void Notification.requestPermission()}>
          {t("notify")}
        </button>
      )}
      <button type="button" onClick={() => (desk.dialog.value = "keys")} aria-label={t("keys")}>
        ?
      </button>
      <button type="button" onClick={switchLanguage}>
        {t("language")}
      </button>
      <button type="button" onClick={() => void desk.logout()}>
        {t("logout")}
      </button>
    </header>
  );
}
