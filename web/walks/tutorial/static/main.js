// What a tutorial's page does: every message is a line, and what is written is sent as it stands.
$(document).ready(() => {
  const socket = new WebSocket(`ws://localhost:${location.port}/ws`);

  socket.onmessage = (event) => {
    $("#messages").append($("<div>").text(event.data));
  };

  function send() {
    socket.send($("#cmd").val());
    $("#cmd").val("");
  }

  $("#send").on("click", send);
  $("#cmd").on("keydown", (event) => {
    if (event.key === "Enter") send();
  });
  $("#clear").on("click", () => {
    $("#messages").empty();
  });
});
