// The function only opens connections with undici. By its path: the name stands for this file here.
export { default as buildConnector } from '../../../node_modules/undici/lib/core/connect.js';
