// The SDK's public face.
export {};
