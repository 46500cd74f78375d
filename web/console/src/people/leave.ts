// Leave: this browser is signed out, and nothing of what was shown stays.
import { signOut } from "./api.ts";

export async function leave(): Promise<void> {
  await signOut();
  location.reload();
}
