// Leave: this browser is signed out, and nothing of what was shown stays.
import { signOut } from "./api.ts";
import { forgetLink } from "./arrive.ts";

export async function leave(): Promise<void> {
  await signOut();
  forgetLink();
  location.reload();
}
