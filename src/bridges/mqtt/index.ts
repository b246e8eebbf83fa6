export { MqttBridge, type MqttBridgeOptions } from './bridge.js';
export { placeOf as discoveryPlaceOf } from './discovery/messages.js';
export { type MqttConfig, type MqttSettings, mqttNameOf, readMqttSettings } from './settings.js';
