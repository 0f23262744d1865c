// Messages that the server has not acknowledged yet. They survive reloads in IndexedDB; where a browser has none
// (private windows of some), they live as long as the page. An entry leaves only when the server has stored it or
// when the borrower discards it.

export interface Unsent {
  id: string; // client_msg_id: the server recognises a repetition by it
  text: string;
  at: number; // epoch milliseconds when the borrower sent it
  refused?: string; // the server's words when it will never take this message
}

export interface Outbox {
  all(): Promise<Unsent[]>;
  put(entry: Unsent): Promise<void>;
  remove(id: string): Promise<void>;
  clear(): Promise<void>;
}

export class MemoryOutbox implements Outbox {
  private readonly entries = new Map<string, Unsent>();

  async all(): Promise<Unsent[]> {
    return [...this.entries.values()];
  }

  async put(entry: Unsent): Promise<void> {
    this.entries.set(entry.id, entry);
  }

  async remove(id: string): Promise<void> {
    this.entries.delete(id);
  }

  async clear(): Promise<void> {
    this.entries.clear();
  }
}

const STORE = "outbox";

/** One database per server address, so that two lenders on one origin do not mix. */
export class IndexedOutbox implements Outbox {
  private constructor(private readonly database: IDBDatabase) {}

  static open(name: string, factory: IDBFactory): Promise<Outbox> {
    return new Promise((resolve, reject) => {
      const request = factory.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
      request.onsuccess = () => resolve(new IndexedOutbox(request.result));
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("blocked"));
    });
  }

  async all(): Promise<Unsent[]> {
    const found = (await this.run("readonly", (store) => store.getAll())) as Unsent[];
    return found.sort((one, other) => one.at - other.at);
  }

  async put(entry: Unsent): Promise<void> {
    await this.run("readwrite", (store) => store.put(entry));
  }

  async remove(id: string): Promise<void> {
    await this.run("readwrite", (store) => store.delete(id));
  }

  async clear(): Promise<void> {
    await this.run("readwrite", (store) => store.clear());
  }

  private run(mode: IDBTransactionMode, job: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, mode);
      const request = job(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}

/** The durable outbox where there is one, otherwise the page's memory. */
export async function openOutbox(name: string): Promise<Outbox> {
  try {
    return await IndexedOutbox.open(name, indexedDB);
  } catch {
    return new MemoryOutbox();
  }
}
