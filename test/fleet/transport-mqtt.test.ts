import { testFleetTransport } from '../support/fleet-transport.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';

testFleetTransport('MQTT', (t) => Mosquitto.start(t), noMosquitto);
