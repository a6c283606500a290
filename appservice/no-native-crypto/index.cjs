// The bridge library loads this native package at import time, and its install script downloads a binary from a
// code host. Desk rooms are unencrypted (DESIGN §3), so nothing here is ever called: a call says so.
class Absent {
  constructor() {
    throw new Error('Encryption is not available inside the appservice: desk rooms are unencrypted');
  }
}
module.exports = {
  StoreType: { Sled: 0, Sqlite: 1 },
  OlmMachine: Absent,
  UserId: Absent,
  RoomId: Absent,
  DeviceId: Absent,
  EncryptionSettings: Absent,
  DeviceLists: Absent,
  Attachment: Absent,
  EncryptedAttachment: Absent,
};
