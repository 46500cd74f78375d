// Poses: where the arm can be sent as a whole, and what it can do by itself.

/** The joints, in the order in which the arm tells them. All ranges begin at 0. */
export const JOINTS = [
  { name: "base", title: "Base", max: 180, home: 90, unit: "°" },
  { name: "shoulder", title: "Shoulder", max: 180, home: 90, unit: "°" },
  { name: "elbow", title: "Elbow", max: 180, home: 90, unit: "°" },
  { name: "grip", title: "Grip", max: 100, home: 0, unit: "%" },
];

export const POSES = [
  { title: "Home", text: "home\n" },
  { title: "Rest", text: "base 90\nshoulder 150\nelbow 170\ngrip 0\n" },
  { title: "Reach", text: "shoulder 40\nelbow 15\n" },
  { title: "Up", text: "shoulder 80\nelbow 0\n" },
  { title: "Left", text: "base 150\n" },
  { title: "Right", text: "base 30\n" },
  { title: "Open", text: "grip 0\n" },
  { title: "Close", text: "grip 100\n" },
];

/** Goes somewhere, and waits until the arm says that it is there. */
function go(places) {
  const text = Object.entries(places)
    .map(([joint, place]) => `${joint} ${place}\n`)
    .join("");
  // Joints are told in their order, whatever stands between them.
  const there = JOINTS.filter(({ name }) => name in places)
    .map(({ name }) => `${name}:${places[name]}\\.0`)
    .join(".*");
  return [{ send: text }, { wait: there, timeout: 20_000 }];
}

/** A macro: the server takes the steps, and a stop ends it. */
export const CARRY = [
  ...go({ shoulder: 70, elbow: 90, grip: 0 }),
  ...go({ base: 40 }),
  ...go({ shoulder: 20, elbow: 60 }),
  ...go({ grip: 80 }),
  ...go({ shoulder: 70, elbow: 90 }),
  ...go({ base: 140 }),
  ...go({ shoulder: 20, elbow: 60 }),
  ...go({ grip: 0 }),
  ...go({ shoulder: 70, elbow: 90 }),
];
