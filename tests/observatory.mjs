// Loaded before Mozilla's scanner: leads every connection to this machine, whatever host the scanner asks for.
// HTTP_PORT and HTTPS_PORT say where the site answers that the scanner looks for on 80 and 443.
import fs from "node:fs";
import net from "node:net";

const ports = { 80: process.env.HTTP_PORT, 443: process.env.HTTPS_PORT };
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (!ports[options.port]) throw new Error(`the scanner reached for ${options.host}:${options.port}`);
  Object.assign(options, { host: "127.0.0.1", port: Number(ports[options.port]) });
  return connect.apply(this, given);
};

// Which hosts browsers know beforehand as https only. The scanner would download that list, and ours is not on it.
const read = fs.readFileSync;
fs.readFileSync = (path, ...rest) => (String(path).endsWith("hsts-preload.json") ? "{}" : read(path, ...rest));
