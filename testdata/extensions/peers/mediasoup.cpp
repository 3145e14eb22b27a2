// Reads lines as `elements.py --dd` prints them with mediasoup's worker (npm package mediasoup, 3.19 or later), and prints what
// it makes of them. It is linked with the worker's RTC/Codecs/DependencyDescriptor.cpp and Utils/BitStream.cpp.
#include "RTC/Codecs/DependencyDescriptor.hpp"
#include <cstdio>
#include <iostream>
#include <map>

using RTC::Codecs::DependencyDescriptor;

int main()
{
	std::string place, stream, hex;
	std::map<std::string, std::unique_ptr<DependencyDescriptor::TemplateDependencyStructure>> structures;
	while (std::cin >> place >> stream >> hex)
	{
		std::vector<uint8_t> data;
		for (size_t at = 0; at < hex.size(); at += 2)
			data.push_back(std::stoi(hex.substr(at, 2), nullptr, 16));
		std::unique_ptr<DependencyDescriptor> d(DependencyDescriptor::Parse(data.data(), data.size(), structures[stream]));
		if (!d)
			continue;
		printf(
		  "dependency-descriptor\t%s\tmediasoup\t{\"start_of_frame\":%s,\"end_of_frame\":%s,\"template_id\":%d,\"frame_number\":%d,"
		  "\"spatial_id\":%d,\"temporal_id\":%d}\n",
		  place.c_str(), d->startOfFrame ? "true" : "false", d->endOfFrame ? "true" : "false", d->frameDependencyTemplateId,
		  d->frameNumber, d->spatialLayer, d->temporalLayer);
	}
}
