/**
 * An ES import of node:http reads everything that it exports, WebSocket too, and for that Node loads undici
 * (https://github.com/nodejs/node/issues/59686). Asked for like this, it is as lazy as it is for CommonJS.
 */
module.exports = process.getBuiltinModule('node:http');
