// Upload: a fetch that tells how much of a file was sent, which the browser's own does not.

/** Asks as fetch does, and tells how many bytes of the body were sent so far. */
export function uploading(told: (sent: number) => void): typeof fetch {
  return (address, { method = "GET", headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const encoder = new TextEncoder();
      let taken = 0;
      const answer = new ReadableStream<Uint8Array>({
        start(stream) {
          const take = () => {
            const text = request.responseText;
            stream.enqueue(encoder.encode(text.slice(taken)));
            taken = text.length;
          };
          request.onprogress = take;
          request.onload = () => {
            take();
            stream.close();
          };
          request.onerror = request.onabort = () => {
            const error = new TypeError("the connection broke");
            stream.error(error);
            reject(error);
          };
        },
        cancel: () => request.abort(),
      });
      request.onreadystatechange = () => {
        const { readyState, status, statusText } = request;
        if (readyState === XMLHttpRequest.HEADERS_RECEIVED)
          resolve(new Response(answer, { status, statusText }));
      };
      request.upload.onprogress = ({ loaded }) => told(loaded);
      request.open(method, String(address));
      new Headers(headers).forEach((value, name) => {
        request.setRequestHeader(name, value);
      });
      signal?.addEventListener("abort", () => request.abort(), { once: true });
      request.send(body as XMLHttpRequestBodyInit);
    });
}
