using MicroSpark.Grains.Figures;
using MicroSpark.Grains.Security;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// Who looks at the page, and what he may: everybody who is let in sees names, states, figures, graphs and lines of the source of all jobs.
/// Values (keys, texts of errors, stacks, lines that tasks said) are for the job's owner and for admins, and so is a change.
/// </summary>
/// <param name="Name">For the audit.</param>
/// <param name="Rights">Those of who made the link, or fewer when the link was made for less.</param>
/// <param name="Owner">Under which his jobs are known; null of the cluster's own secret.</param>
/// <param name="Control">Whether the link is for more than looking.</param>
internal sealed record Viewer(string Name, Rights Rights, string? Owner, bool Control)
{
    /// <summary>Who made the link, as far as he asked for.</summary>
    public static Viewer Of(Principal who, bool control) => new(who.Name, who.Rights, who.OwnerName, control);

    /// <summary>Whom somebody else lets in, and not this page: to all there is to see.</summary>
    public static Viewer LetIn(string name, bool control) => Of(Principal.Cluster with { Name = name }, control);

    /// <summary>
    /// Whoever reads a worker's terminal: he changes nothing, and where there are roles he sees no values, since he has proved none. Where
    /// there is one secret and nothing else everybody has all of them.
    /// </summary>
    public static Viewer AtTerminal(MicroSparkOptions options)
    {
        var all = Of(Principal.Cluster with { Name = "terminal" }, control: false);
        return options.Secrets.Count == 0 && !options.Tls.RequireClientCertificate ? all : all.LimitedTo(Rights.Read);
    }

    public bool SeesAll => (Rights & Rights.Administer) != 0;

    /// <summary>Whether there is anything that he may change.</summary>
    public bool MayChange => Control && (Rights & (Rights.Submit | Rights.Administer)) != 0;

    /// <summary>Two who have the same see the same: what is made for one is shown to the other.</summary>
    public string Sight => SeesAll ? "all" : Submits ? $"own {Owner}" : "none";

    /// <summary>The highest role that his link has.</summary>
    public string Role => SeesAll ? "admin" : Submits ? "submit" : "read";

    private bool Submits => (Rights & Rights.Submit) != 0;

    /// <summary>With no more rights than a role has.</summary>
    public Viewer LimitedTo(Rights role) => this with { Rights = Rights & role };

    /// <summary>Whether he may see the values of what somebody owns.</summary>
    /// <param name="owner">Null when it is the cluster's own secret's.</param>
    public bool Owns(string? owner) => SeesAll || (Submits && owner == Owner);

    /// <summary>A job as he may see it.</summary>
    public JobShape Look(JobShape job) => Owns(job.Owner) ? job : job.ForOthers();
}
