/// Every call of a port that a fake can be told to fail, hold or count.
package enum PortCall: String, Sendable, CaseIterable {
    case launcherValidate, launcherLaunch, launcherStop, launcherUnits, launcherLimit
    case engineFeatures, engineInventory, engineRecord, engineAbandon, engineFinish, engineRemove
    case engineAddContainer, engineStartContainer, engineStopContainer, engineRemoveContainer, engineReopenLog
    case engineUpdateResources, engineCheckpoint, engineImagesOfCheckpoint
    case imagesList, imagesNormalize, imagesPull, imagesRemove, imagesUsage
    case liveExec, liveAttach, liveForward, liveConnect
    case execSync, networkCondition, networkPodCIDR
}
