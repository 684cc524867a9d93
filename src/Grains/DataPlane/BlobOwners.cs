namespace MicroSpark.Grains.DataPlane;

/// <summary>Who brought a blob: several may, each of whom has proved that he has it. As many as there are names in the settings.</summary>
internal sealed class BlobOwners
{
    private readonly HashSet<string> _names = [];

    public void Add(string name)
    {
        lock (_names)
        {
            _names.Add(name);
        }
    }

    public bool Has(string name)
    {
        lock (_names)
        {
            return _names.Contains(name);
        }
    }
}
