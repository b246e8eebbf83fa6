export { MqttBridge, type MqttBridgeOptions } from './bridge.js';
export { type MqttConfig, type MqttSettings, mqttNameOf, readMqttSettings } from './settings.js';
