-- Une vue des bons de commande à valider, pour un robot « sql ». À faire par l’administrateur de la base des finances.
-- Les tables sont supposées (ni Ciril ni Astre n’ont publié les leurs) : reprenez celles de la vôtre. PostgreSQL, MariaDB et MySQL.
-- Les bons validés ou annulés y restent un an avec leur état : la vue dit ce qui a changé, et par quel état un bon est clos.
CREATE VIEW ecritoire_commandes AS
SELECT
  b.exercice       AS exercice,
  b.numero         AS numero,
  b.objet          AS objet,
  f.nom            AS fournisseur,
  b.montant_ttc    AS montant,
  u.mail           AS valideur_mail,
  b.echeance       AS echeance,
  b.etat           AS etat,
  b.modifie_le     AS modifie_le
FROM bon_commande b
JOIN fournisseur f ON f.code = b.fournisseur
JOIN utilisateur u ON u.code = b.valideur
WHERE b.modifie_le >= CURRENT_TIMESTAMP - INTERVAL '1' YEAR;

-- L’index par lequel les changements sont lus :
--   CREATE INDEX bon_commande_modifie ON bon_commande (modifie_le);
-- Le compte ne lit que cette vue. PostgreSQL :
--   CREATE ROLE ecritoire LOGIN PASSWORD '…' CONNECTION LIMIT 3;
--   GRANT SELECT ON ecritoire_commandes TO ecritoire;
-- MariaDB, MySQL :
--   CREATE USER 'ecritoire'@'192.0.2.10' IDENTIFIED BY '…' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3;
--   GRANT SELECT ON finances.ecritoire_commandes TO 'ecritoire'@'192.0.2.10';
