// Access: which part of people and tokens is open, what is asked there, and what the server has told of them.
import type { Person, Share, Token } from "./answers.ts";
import * as api from "./api.ts";
import { Listing } from "./listing.svelte.ts";

export type Tab = "you" | "people" | "tokens";

/** What is asked over the lists. */
export type Question =
  | { what: "password" }
  | { what: "person"; person: Person | null }
  | { what: "token" }
  | { what: "secret"; title: string; secret: string }
  | { what: "sure"; title: string; text: string; act: string; run: () => void };

export class Access {
  tab: Tab = $state("you");
  question: Question | null = $state.raw(null);
  readonly people = new Listing(api.people);
  readonly tokens = new Listing(api.tokens);
  readonly shares = new Listing(api.shares);

  constructor(tab: Tab) {
    this.tab = tab;
  }

  ask = (question: Question): void => {
    this.question = question;
  };

  /** Goes back to the lists. */
  back = (): void => {
    this.question = null;
  };

  /** Removes a person, after a question. */
  remove({ name }: Person): void {
    this.ask({
      what: "sure",
      title: `Remove ${name}?`,
      text: `Whoever is signed in as ${name} is signed out at once, and the tokens of ${name} count no more.`,
      act: "Remove",
      run: () => void this.people.change(() => api.removePerson(name)),
    });
  }

  /** Revokes a token, after a question. */
  revoke = ({ id, title }: Token): void => {
    this.ask({
      what: "sure",
      title: `Revoke “${title}”?`,
      text: "Programs that come with this token are let in no more, and what they have open ends.",
      act: "Revoke",
      run: () => void this.tokens.change(() => api.revokeToken(id)),
    });
  };

  /** Revokes a share link, after a question. */
  revokeShare = ({ id, title }: Share): void => {
    this.ask({
      what: "sure",
      title: `Revoke “${title}”?`,
      text: "The link leads nowhere any more, and guests who came by it are shown out at once.",
      act: "Revoke",
      run: () => void this.shares.change(() => api.revokeShare(id)),
    });
  };
}
