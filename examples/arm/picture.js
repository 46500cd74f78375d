// Picture: the arm as it stands, seen from the side and a little from above.

const CENTRE = { x: 200, y: 232 };
/** How far a step away from the viewer leads up in the picture. */
const DEPTH = 0.36;
const SHOULDER = 46;
const UPPER = 92;
const FORE = 78;
const FINGER = 26;

const radians = (degrees) => (degrees * Math.PI) / 180;

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Where a point of the room is in the picture: `out` from the middle towards `turn`, and up. */
function place(out, up, turn) {
  return [CENTRE.x + out * Math.cos(turn), CENTRE.y - up - out * Math.sin(turn) * DEPTH].map(
    (number) => number.toFixed(1),
  );
}

function line(name, ...points) {
  return svg("polyline", { class: name, points: points.map((point) => point.join(",")).join(" ") });
}

function dot(name, [cx, cy], r) {
  return svg("circle", { class: name, cx, cy, r });
}

/** Draws the joints' places, in degrees and percent. */
export function draw(element, { base, shoulder, elbow, grip }) {
  const turn = radians(base - 90);
  const lift = radians(shoulder);
  const bend = radians(shoulder - elbow);
  const at = (out, up) => place(out, up, turn);

  const [elbowOut, elbowUp] = [UPPER * Math.cos(lift), SHOULDER + UPPER * Math.sin(lift)];
  const [handOut, handUp] = [elbowOut + FORE * Math.cos(bend), elbowUp + FORE * Math.sin(bend)];
  const finger = (side) => {
    const angle = bend + side * radians(34 * (1 - grip / 100) + 6);
    const [out, up] = [handOut + FINGER * Math.cos(angle), handUp + FINGER * Math.sin(angle)];
    return line("finger", at(handOut, handUp), at(out, up));
  };

  element.replaceChildren(
    svg("ellipse", { class: "ground", cx: CENTRE.x, cy: CENTRE.y, rx: 178, ry: 178 * DEPTH }),
    line("shadow", at(0, 0), at(elbowOut, 0), at(handOut, 0)),
    svg("path", {
      class: "stand",
      d: `M${CENTRE.x - 34} ${CENTRE.y} l8 -34 h52 l8 34 a34 12 0 0 1 -68 0`,
    }),
    line("upper", at(0, SHOULDER), at(elbowOut, elbowUp)),
    line("fore", at(elbowOut, elbowUp), at(handOut, handUp)),
    finger(1),
    finger(-1),
    dot("pivot", at(0, SHOULDER), 13),
    dot("pivot", at(elbowOut, elbowUp), 10),
    dot("pivot", at(handOut, handUp), 7),
  );
}
