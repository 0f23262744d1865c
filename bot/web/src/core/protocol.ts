// The web protocol as types; bot/web/PROTOCOL.md says what each frame means.

export type ServerLanguage = "zh-Hans" | "zh-Hant" | "en";

export interface Button {
  title: string;
  say: string;
}

export interface FactsCard {
  kind: "facts";
  title: string;
  rows: string[][];
  note?: string;
}

export interface TableCard {
  kind: "table";
  title: string;
  columns: string[];
  rows: string[][];
  note?: string;
}

export interface ChoicesCard {
  kind: "choices";
  title: string;
  options: { title: string; lines: string[]; say: string }[];
}

export interface CompareCard {
  kind: "compare";
  title: string;
  options: { title: string; badge?: string; rows: string[][]; note?: string; say: string; choose: string }[];
  others: { title: string; say: string };
}

export interface ConsentCard {
  kind: "consent";
  title: string;
  rows: string[][];
  columns: string[];
  table: string[][];
  notes: string[];
  wait: number;
  agree: string;
  say_agree: string;
  decline: string;
  say_decline: string;
}

export interface DocumentCard {
  kind: "document";
  title: string;
  lines: string[];
  links: { title: string; href: string }[];
}

export interface UploadCard {
  kind: "upload";
  title: string;
  note: string;
  button: string;
  ref: string;
}

export interface SurveyCard {
  kind: "survey";
  title: string;
  questions: string[];
  scale: string[];
  button: string;
  say: string;
}

export type Card = FactsCard | TableCard | ChoicesCard | CompareCard | ConsentCard | DocumentCard | UploadCard | SurveyCard;

export interface Message {
  seq: number;
  from: "borrower" | "bot" | "agent" | "system";
  text: string;
  buttons: Button[];
  card: Card | null;
  at: string;
  client_msg_id: string | null;
  hidden: boolean;
  by?: string; // the name of the colleague who wrote it
  answer?: boolean; // the answer to something said
}

/** What stands beside the messages: how far ours were read, the place in the queue, how the borrower wishes to be served. */
export interface State {
  read: number;
  queue: { position: number; minutes: [number, number] | null } | null;
  language: ServerLanguage | null;
  large_type: boolean | null;
}

export type Rating = "up" | "down" | "none";

export type ServerFrame =
  | { type: "ready"; level: number; customer: string | null; messages: Message[]; typing: boolean; whole?: boolean; state?: State; seen?: number; ratings?: Record<string, Rating> }
  | { type: "state"; state: State }
  | { type: "message"; message: Message }
  | { type: "ack"; client_msg_id: string; seq: number }
  | { type: "refused"; client_msg_id: string | null; code: string; text: string }
  | { type: "typing"; on: boolean }
  | { type: "identity"; level: number; customer: string | null }
  | { type: "reset" }
  | { type: "pong" };

export type ClientFrame =
  | { type: "hello"; session: string; after: number; language: ServerLanguage }
  | { type: "say"; client_msg_id: string; text: string }
  | { type: "seen"; seq: number }
  | { type: "identity"; token: string }
  | { type: "ping" };

/** A way to the server. It opens itself, reports frames, and reports its end exactly once. */
export interface Transport {
  send(frame: ClientFrame): void;
  close(): void;
}

export interface TransportEvents {
  opened(): void;
  frame(frame: ServerFrame): void;
  closed(): void;
}
