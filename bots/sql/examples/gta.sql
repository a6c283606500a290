-- Une vue des demandes d’absence en attente, pour un robot « sql ». À faire par l’administrateur de la base de la GTA.
-- Les tables sont supposées (aucun éditeur n’a publié les siennes) : reprenez celles de la vôtre. PostgreSQL, MariaDB et MySQL.
-- Une ligne par valideur. Rien de plus que nécessaire : ni nom de l’agent, ni motif.
CREATE VIEW ecritoire_absences AS
SELECT
  d.numero          AS numero,
  v.mail            AS valideur_mail,
  d.a_valider_avant AS a_valider_avant,
  d.etat            AS etat,
  d.modifie_le      AS modifie_le
FROM demande_absence d
JOIN demande_valideur v ON v.numero = d.numero
WHERE d.etat IN ('EN_ATTENTE', 'TRANSMISE');

-- Le compte ne lit que cette vue. PostgreSQL :
--   CREATE ROLE ecritoire LOGIN PASSWORD '…' CONNECTION LIMIT 3;
--   GRANT SELECT ON ecritoire_absences TO ecritoire;
-- MariaDB, MySQL :
--   CREATE USER 'ecritoire'@'192.0.2.10' IDENTIFIED BY '…' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3;
--   GRANT SELECT ON gta.ecritoire_absences TO 'ecritoire'@'192.0.2.10';
