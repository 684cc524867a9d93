namespace MicroSpark.Grains.Security;

/// <summary>What somebody may do, one bit each: a role is some of them.</summary>
[Flags]
internal enum Rights : byte
{
    None = 0,

    /// <summary>To see names, states and figures of everybody's.</summary>
    Read = 1,

    /// <summary>To submit jobs, and to have the values of the own ones.</summary>
    Submit = 2,

    /// <summary>To bring code and data to the workers. Whoever may, can do all that the workers' user can.</summary>
    Upload = 4,

    /// <summary>To have the values of everybody's jobs, and to cancel them.</summary>
    Administer = 8,

    /// <summary>To be a worker: the silo's port, calls between silos, blocks of all.</summary>
    Join = 16,

    All = Read | Submit | Upload | Administer | Join,
}

internal static class RolesOfSettings
{
    /// <summary>The rights of a role.</summary>
    /// <param name="upload">Whether it has the permission to upload code, where it may have it.</param>
    public static Rights RightsOf(PrincipalRole role, bool upload) => role switch
    {
        PrincipalRole.Read => Rights.Read,
        PrincipalRole.Submit => Rights.Read | Rights.Submit | (upload ? Rights.Upload : Rights.None),
        PrincipalRole.Admin => Rights.Read | Rights.Submit | Rights.Administer | (upload ? Rights.Upload : Rights.None),
        PrincipalRole.Worker => Rights.All,
        _ => Rights.None,
    };
}
